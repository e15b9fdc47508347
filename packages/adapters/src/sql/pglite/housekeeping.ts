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

/** Transactions a second of which somebody is waiting for the next; the looks of an idle system are a quarter of that. */
const busy = 40

const isCalm = Effect.fnUntraced(function*(sql: SqlClient) {
  const committed = Effect.map(
    sql<{ readonly count: number }>`select xact_commit::float8 as count from pg_stat_database
      where datname = current_database()`,
    ([row]) => row?.count ?? 0
  )
  const before = yield* committed
  return (yield* Effect.delay(committed, "1 second")) - before < busy
})

/**
 * Tidies for ever, every 15 seconds: the time after which a first bulk import is known to the planner. Everybody waits while it is at it,
 * so it waits for a lull itself, though no longer than half a minute.
 */
export const run = (sql: SqlClient): Effect.Effect<void> =>
  isCalm(sql).pipe(
    Effect.repeat({ until: (calm) => calm, times: 30 }),
    Effect.andThen(tidy(sql)),
    Effect.catch((error) => Effect.logWarning("Housekeeping of the embedded database failed", error)),
    Effect.repeat(Schedule.spaced("15 seconds")),
    Effect.asVoid
  )
