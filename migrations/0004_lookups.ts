import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * While a table is small and nobody has counted its rows, one index that begins with the tenant looks as good as another, and the plan
 * that is made then stays: a foreign key looked through all segments of the tenant for each new one. So an index that is not about
 * finding one thing by its id begins with what tells most.
 */
const statements = [
  // Each is made while the old one still serves: writers of the table wait meanwhile, readers only from the first drop to the end.
  "create index segments_text_2 on segments (text_hash, space_id, tenant_id)",
  "create index documents_content_2 on documents (content_hash, dataset_id, tenant_id)",
  "create index jobs_run_2 on jobs (run_id, tenant_id)",
  "create index jobs_document_2 on jobs (document_id, tenant_id)",
  // A process of the release before does not say when it gives a job up.
  "create index jobs_dead_2 on jobs (tenant_id, coalesce(died_at, created_at) desc, id desc) where state = 'dead'",
  "create unique index work_units_place on work_units (run_id, stage, ordinal, tenant_id)",
  ...["segments_text", "documents_content", "jobs_run", "jobs_document", "jobs_dead"].flatMap((name) => [
    `drop index ${name}`,
    `alter index ${name}_2 rename to ${name}`
  ]),
  `alter table work_units drop constraint work_units_tenant_id_run_id_stage_ordinal_key,
    add constraint work_units_place unique using index work_units_place`
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
