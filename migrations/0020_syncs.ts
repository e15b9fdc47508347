import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Datasets that follow what lies elsewhere: what they follow, its items, and the comparisons of both. */
const statements = [
  // One for each connection and dataset. `selection`: "all", or ids of pages and databases.
  `create table sync_sources (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    connection_id uuid not null,
    dataset_id uuid not null,
    selection jsonb not null,
    every_minutes int,
    due_at timestamptz,
    on_gone text not null check (on_gone in ('archive', 'disable', 'delete')),
    max_missing float8 not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, connection_id, dataset_id),
    foreign key (tenant_id, connection_id) references connections (tenant_id, id) on delete cascade,
    foreign key (tenant_id, dataset_id) references datasets (tenant_id, id) on delete cascade
  )`,
  "create index sync_sources_dataset on sync_sources (dataset_id, tenant_id)",
  "create index sync_sources_due on sync_sources (due_at) where due_at is not null",

  // `content_hash`, `edited_at` and `fetched_at` say what was read last; they hold for the document only while it serves these bytes.
  // `fields`: metadata that came from there. `databases`: those that lie in the page. `hidden`: how a sync has hidden the document, which a
  // later one undoes.
  `create table sync_items (
    tenant_id uuid not null,
    id uuid not null,
    source_id uuid not null,
    external_id text not null,
    parent_id text,
    title text not null,
    url text,
    document_id uuid,
    content_hash text,
    edited_at timestamptz,
    fetched_at timestamptz,
    fields jsonb not null default '[]',
    databases jsonb not null default '[]',
    state text not null default 'present' check (state in ('present', 'unreachable', 'gone')),
    reason jsonb,
    paused boolean not null default false,
    hidden text check (hidden in ('archive', 'disable')),
    last_result jsonb,
    last_sync_id uuid,
    primary key (tenant_id, id),
    unique (tenant_id, source_id, external_id),
    foreign key (tenant_id, source_id) references sync_sources (tenant_id, id) on delete cascade,
    foreign key (tenant_id, document_id) references documents (tenant_id, id) on delete set null (document_id)
  )`,
  "create index sync_items_source on sync_items (source_id, id)",
  "create index sync_items_document on sync_items (document_id, tenant_id) where document_id is not null",

  `create table syncs (
    tenant_id uuid not null,
    id uuid not null,
    source_id uuid not null,
    trigger text not null check (trigger in ('import', 'asked', 'schedule')),
    scope text not null check (scope in ('all', 'items')),
    confirmed boolean not null,
    state text not null check (state in ('listing', 'running', 'finished', 'failed', 'cancelled')),
    cause jsonb,
    total int not null default 0,
    counts jsonb not null default '{}',
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, source_id) references sync_sources (tenant_id, id) on delete cascade
  )`,
  "create index syncs_source on syncs (source_id, created_at desc, id desc)",
  "create index syncs_tenant on syncs (tenant_id, created_at desc, id desc)",
  "create index syncs_over on syncs (finished_at) where finished_at is not null",
  // Two that look at everything at once would only do each other's work; an import brings something else.
  `create unique index syncs_at_work on syncs (source_id)
    where scope = 'all' and trigger <> 'import' and state in ('listing', 'running')`,

  // What a sync looks at, and what it made of it. Null: its turn has not come.
  `create table sync_results (
    tenant_id uuid not null,
    sync_id uuid not null,
    item_id uuid not null,
    attempts int not null default 0,
    result jsonb,
    name text,
    run_id uuid,
    finished_at timestamptz,
    primary key (tenant_id, sync_id, item_id),
    foreign key (tenant_id, sync_id) references syncs (tenant_id, id) on delete cascade,
    foreign key (tenant_id, item_id) references sync_items (tenant_id, id) on delete cascade
  )`,
  "create index sync_results_item on sync_results (item_id, tenant_id)",
  "create index sync_results_pending on sync_results (sync_id, attempts, item_id) where result is null"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
