import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Pictures and files that are found in documents, and which versions have them. */
const statements = [
  // Once for each document, whatever the number of its versions. `hash` names the blob, too.
  `create table assets (
    tenant_id uuid not null,
    dataset_id uuid not null,
    document_id uuid not null,
    hash text not null,
    media_type text not null,
    size int not null,
    name text,
    width int,
    height int,
    created_at timestamptz not null default now(),
    primary key (tenant_id, document_id, hash),
    foreign key (tenant_id, dataset_id, document_id) references documents (tenant_id, dataset_id, id) on delete cascade
  )`,

  // What a run has found. An asset goes when no run has it that is published, newer, or at work.
  `create table run_assets (
    tenant_id uuid not null,
    document_id uuid not null,
    run_id uuid not null,
    hash text not null,
    primary key (tenant_id, run_id, hash),
    foreign key (tenant_id, document_id, run_id) references runs (tenant_id, document_id, id) on delete cascade,
    foreign key (tenant_id, document_id, hash) references assets (tenant_id, document_id, hash) on delete cascade
  )`,
  "create index run_assets_asset on run_assets (document_id, hash, tenant_id)",

  // Those of a segment, in the form of `AssetRef`: where it stands in a version is what it was made from.
  "alter table run_segments add column assets jsonb not null default '[]'"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
