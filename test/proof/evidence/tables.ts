import { Effect } from "effect"
import { SqlClient } from "effect/sql"

// What the tables say of a tenant. They are found in the catalogue: one that is added later is looked at without being named here.

interface Column {
  readonly table_name: string
  readonly column_name: string
  readonly data_type: string
}

export interface Row {
  readonly table: string
  readonly row: Readonly<Record<string, unknown>>
}

/**
 * Every row that carries the tenant, in every table, as the database itself writes it, and all of them at one moment: counters are folded
 * while somebody looks.
 */
export const readTables = Effect.fn("proof.readTables")(
  function*(sql: SqlClient.SqlClient, tenantIds: ReadonlyArray<string>) {
    const columns = yield* sql<Column>`select c.table_name, c.column_name, c.data_type
      from information_schema.columns c join information_schema.tables t
        on t.table_schema = c.table_schema and t.table_name = c.table_name
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like 'index\\_%'
      order by c.table_name, c.ordinal_position`
    const times = new Map<string, Set<string>>()
    const found: Array<Row> = []
    for (const [table, of] of Map.groupBy(columns, ({ table_name }) => table_name)) {
      const key = table === "tenants" ? "id" : "tenant_id"
      if (!of.some(({ column_name }) => column_name === key)) continue
      times.set(
        table,
        new Set(of.filter(({ data_type }) => data_type.startsWith("timestamp")).map(({ column_name }) => column_name))
      )
      const rows = yield* sql.unsafe<{ readonly row: Row["row"] }>(
        `select to_jsonb(t) as row from "${table}" t where t.${key} = any($1::uuid[])`,
        [tenantIds]
      )
      for (const { row } of rows) found.push({ table, row })
    }
    return { rows: found, times }
  },
  (read, sql) =>
    sql.withTransaction(read).pipe(
      Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ"),
      Effect.orDie
    )
)

/** The tenant, and those that were made in its name. */
export const tenantsOf = (sql: SqlClient.SqlClient, tenantId: string) =>
  sql<{ readonly id: string }>`select id from tenants where id = ${tenantId}::uuid or position(${tenantId} in name) > 0`
    .pipe(Effect.map((rows) => rows.map(({ id }) => id)), Effect.orDie)
