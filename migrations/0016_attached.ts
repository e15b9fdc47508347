import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Documents that were attached to others. */
const statements = [
  // `attached_as`: the asset of the other one that it was when it came; its bytes may have been replaced since.
  "alter table documents add column parent_id uuid, add column attached_as text",
  `alter table documents add constraint documents_attached check (
    (parent_id is null or parent_id <> id) and (parent_id is null or attached_as is not null))`,
  // Which of the two is purged first does not matter: both are on their way out.
  `alter table documents add constraint documents_parent foreign key (tenant_id, dataset_id, parent_id)
    references documents (tenant_id, dataset_id, id) on delete set null (parent_id)`,
  // Once for each asset, whatever the number of versions that have it.
  `create unique index documents_attached_once on documents (tenant_id, parent_id, attached_as)
    where parent_id is not null and not deleting`,
  "create index documents_of_parent on documents (tenant_id, dataset_id, parent_id) where parent_id is not null"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
