import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  // The span that enqueued the job, as W3C `traceparent`, so that its work belongs to the same trace, in whatever process.
  `alter table jobs add column trace text`,
  // When a job was given up; for those given up before, when they were made.
  `alter table jobs add column died_at timestamptz`,
  `update jobs set died_at = created_at where state = 'dead'`,
  `create index jobs_dead on jobs (tenant_id, died_at desc, id desc) where state = 'dead'`
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
