import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Passwords of protected documents, and what is known by name of what a run has cut. */
const statements = [
  // Sealed. `key_id` is that of the key that sealed it.
  `create table document_secrets (
    tenant_id uuid not null,
    document_id uuid not null,
    sealed text not null,
    key_id text not null,
    primary key (tenant_id, document_id),
    foreign key (tenant_id, document_id) references documents (tenant_id, id) on delete cascade
  )`,
  "create index document_secrets_key on document_secrets (key_id)",

  // Names of the fields that its segments have, and of which type each is. Null: none.
  "alter table runs add column fields jsonb",
  "create index runs_fields on runs (tenant_id, dataset_id) where fields is not null"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
