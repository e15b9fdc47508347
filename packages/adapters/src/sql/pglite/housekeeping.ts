import { Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"

// PGlite has no background processes, so nobody else removes dead rows or tells the planner how large a table is.

interface Table {
  readonly name: string
  readonly vacuum: boolean
}

/** PostgreSQL's own rules for autovacuum, with a higher floor: a table of a few hundred rows is quick however it looks. */
const due = (sql: SqlClient) =>
  sql<Table>`
    select format('%I.%I', schemaname, relname) as name, n_dead_tup > 500 + 0.2 * n_live_tup as vacuum
    from pg_stat_user_tables
    where n_dead_tup > 500 + 0.2 * n_live_tup or n_mod_since_analyze > 500 + 0.1 * n_live_tup`

/** Vacuums and analyzes the tables that changed much, one statement each, so that others get their turn in between. */
export const tidy = Effect.fn("housekeeping.tidy")(function*(sql: SqlClient) {
  const tables = yield* due(sql)
  yield* Effect.forEach(
    tables,
    ({ name, vacuum }) => sql.unsafe(vacuum ? `vacuum (analyze) ${name}` : `analyze ${name}`),
    { discard: true }
  )
  return tables.map(({ name }) => name)
})

/** Tidies for ever, every 15 seconds: the time after which a first bulk import is known to the planner. */
export const run = (sql: SqlClient): Effect.Effect<void> =>
  tidy(sql).pipe(
    Effect.catch((error) => Effect.logWarning("Housekeeping of the embedded database failed", error)),
    Effect.repeat(Schedule.spaced("15 seconds")),
    Effect.asVoid
  )
