import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * While a table is small and nobody has counted its rows, one index that begins with the tenant looks as good as another, and the plan
 * that is made then stays: a foreign key looked through all segments of the tenant for each new one. So an index that is not about
 * finding one thing by its id begins with what tells most.
 */
const statements = [
  "drop index segments_text",
  "create index segments_text on segments (text_hash, space_id, tenant_id)",
  "drop index documents_content",
  "create index documents_content on documents (content_hash, dataset_id, tenant_id)",
  "drop index jobs_run",
  "create index jobs_run on jobs (run_id, tenant_id)",
  "drop index jobs_document",
  "create index jobs_document on jobs (document_id, tenant_id)",
  "alter table work_units drop constraint work_units_tenant_id_run_id_stage_ordinal_key",
  "alter table work_units add unique (run_id, stage, ordinal, tenant_id)"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
