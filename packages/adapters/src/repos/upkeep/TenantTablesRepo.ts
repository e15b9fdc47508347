import { DatasetId, type JobId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { rows } from "../rows.ts"
import { inOrder, type Reference } from "./tableOrder.ts"

/** Rows removed in one statement. */
const page = 500

/** Everything that a tenant has in the database, whatever tables there are: they are found in the catalogue, so that none is forgotten. */
export class TenantTablesRepo extends Context.Service<TenantTablesRepo, {
  /** Every table with a `tenant_id`; what refers to another comes before it. */
  readonly tables: Effect.Effect<ReadonlyArray<string>>
  /** Removes up to a page of the tenant's rows of a table, but not the job that does it. Answers how many. */
  readonly removePage: (tenantId: TenantId, table: string, except: JobId) => Effect.Effect<number>
  /** The tables in which the tenant has rows, but for that job. */
  readonly remaining: (tenantId: TenantId, except: JobId) => Effect.Effect<ReadonlyArray<string>>
  readonly datasets: (tenantId: TenantId, limit: number) => Effect.Effect<ReadonlyArray<DatasetId>>
}>()("@sheaf/adapters/repos/upkeep/TenantTablesRepo") {
  static readonly layer = Layer.effect(
    TenantTablesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const names = rows(Schema.Struct({ name: Schema.String }))
      const references = rows(Schema.Struct({ from: Schema.String, to: Schema.String }))
      const tables: TenantTablesRepo["Service"]["tables"] = Effect.gen(function*() {
        const found = yield* names(sql`select c.table_name::text as name from information_schema.columns c
          join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
          where c.table_schema = current_schema() and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'
          order by 1`)
        const links: ReadonlyArray<Reference> = yield* references(sql`
          select f.relname::text as "from", t.relname::text as "to" from pg_constraint k
          join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
          where k.contype = 'f' and f.relnamespace = current_schema()::regnamespace`)
        return inOrder(found.map(({ name }) => name), links)
      })

      /** As the catalogue gave it. */
      const tableOf = (name: string) => sql.literal(`"${name.replaceAll("\"", "\"\"")}"`)
      const but = (table: string, except: JobId) => table === "jobs" ? sql`and id <> ${except}` : sql``

      const counted = rows(Schema.Struct({ gone: Schema.Int }))
      const removePage: TenantTablesRepo["Service"]["removePage"] = (tenantId, table, except) =>
        Effect.map(
          counted(sql`with gone as (
              delete from ${tableOf(table)} where tenant_id = ${tenantId} and ctid = any(array(
                select ctid from ${tableOf(table)} where tenant_id = ${tenantId} ${but(table, except)} limit ${page}))
              returning 1) select count(*)::int as gone from gone`),
          ([row]) => row?.gone ?? 0
        )

      const found = rows(Schema.Struct({ found: Schema.Boolean }))
      const remaining: TenantTablesRepo["Service"]["remaining"] = Effect.fn("TenantTablesRepo.remaining")(
        function*(tenantId, except) {
          const all = yield* tables
          const left = yield* Effect.filter(all, (table) =>
            Effect.map(
              found(sql`select exists(select 1 from ${tableOf(table)}
                where tenant_id = ${tenantId} ${but(table, except)}) as found`),
              ([row]) => row?.found === true
            ))
          return left
        }
      )

      const datasetRows = rows(Schema.Struct({ id: DatasetId }))
      return TenantTablesRepo.of({
        tables,
        removePage,
        remaining,
        datasets: (tenantId, limit) =>
          Effect.map(
            datasetRows(sql`select id from datasets where tenant_id = ${tenantId} order by id limit ${limit}`),
            (found) => found.map((row) => row.id)
          )
      })
    })
  )
}
