import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What is needed to change documents and segments after they were published. */
const statements = [
  // Every change that concerns the search index counts up `generation`; `synced` is the generation that the index was last seen to
  // agree with, `reindexed` the newest change that concerns all segments of the document and not only those that are `pending`.
  `alter table documents
    add column generation int not null default 0,
    add column synced int not null default 0,
    add column reindexed int not null default 0,
    add column index_cause jsonb`,
  "create index documents_unsynced on documents (tenant_id, id) where synced < generation",

  // `version` counts the changes of a segment, so that an outdated writer is told so. A segment on its way out was `failed` before.
  `alter table segments
    add column version int not null default 0,
    add column keywords text[] not null default '{}',
    add column origin text not null default 'parsed' check (origin in ('parsed', 'edited', 'added')),
    add column parent_id uuid,
    add column going_out boolean not null default false,
    add column index_cause jsonb,
    add column updated_by jsonb,
    add column updated_at timestamptz not null default now(),
    add foreign key (tenant_id, document_id, parent_id) references segments (tenant_id, document_id, id)`,
  "update segments set going_out = true, index_state = 'pending' where index_state = 'failed'",
  "create index segments_unsynced on segments (document_id, tenant_id) where index_state <> 'in_sync' or going_out",
  "create index segments_parent on segments (parent_id, tenant_id) where parent_id is not null",

  // What people did to the segments of a document by hand, so that a later run does it again: `original_id` is the parsed segment that
  // was edited or deleted, `segment_id` what stands in its place, `after_id` what an added one follows (null: the beginning).
  `create table segment_changes (
    tenant_id uuid not null,
    document_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('edited', 'deleted', 'added')),
    original_id uuid,
    segment_id uuid,
    after_id uuid,
    actor jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, document_id) references documents (tenant_id, id),
    foreign key (tenant_id, document_id, segment_id) references segments (tenant_id, document_id, id),
    check ((kind = 'deleted') = (segment_id is null)),
    check ((kind = 'added') = (original_id is null))
  )`,
  "create unique index segment_changes_original on segment_changes (document_id, original_id, tenant_id) where original_id is not null",
  "create index segment_changes_segment on segment_changes (segment_id, tenant_id) where segment_id is not null"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
