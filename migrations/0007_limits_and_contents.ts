import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What a tenant may have, what a dataset says of its metadata, and documents whose bytes are replaced. */
const statements = [
  // What an operator has set; everything else is as the installation says.
  "alter table tenants add column limits jsonb not null default '{}'",
  "alter table datasets add column fields jsonb not null default '[]'",
  // `version` counts the changes of name and metadata. `content_id` names the bytes that are newest: null are those that it began with.
  `alter table documents
    add column version int not null default 0,
    add column content_id uuid`,
  "create index documents_name on documents (tenant_id, dataset_id, name)",
  // What a run was made of, kept when its document gets other bytes; null as long as they are the same.
  "alter table runs add column content jsonb"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
