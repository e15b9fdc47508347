import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Lists in several orders, and figures that need not read the units of every run. */
const statements = [
  // One for each order in which documents are listed; `documents_list` is that of the newest.
  "create index documents_updated on documents (dataset_id, tenant_id, updated_at, id)",
  "create index documents_sorted on documents (dataset_id, tenant_id, lower(name) collate \"C\", id)",
  "create index documents_size on documents (dataset_id, tenant_id, size, id)",

  // The work on a run, added up as its units end.
  "alter table runs add column elapsed_ms double precision not null default 0",
  `update runs set elapsed_ms = spent.ms
    from (select tenant_id, run_id, sum(elapsed_ms) as ms from work_units group by tenant_id, run_id) spent
    where runs.tenant_id = spent.tenant_id and runs.id = spent.run_id and spent.ms > 0`,
  // What the time until a document is done is estimated from.
  "create index runs_published on runs (tenant_id, finished_at desc) where state = 'published'"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
