import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * Tables of the first release. Every row belongs to a tenant, and every foreign key names the tenant too: a link between two
 * tenants cannot be stored. Only `tenants`, `leases` belong to the installation.
 */
const statements = [
  `create table tenants (
    id uuid primary key,
    name text not null unique,
    state text not null default 'active' check (state in ('active', 'suspended')),
    created_at timestamptz not null default now()
  )`,

  `create table api_keys (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    name text not null,
    prefix text not null,
    hash text not null unique,
    scopes text[] not null,
    dataset_ids uuid[],
    created_by jsonb,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    primary key (tenant_id, id)
  )`,

  `create table spaces (
    tenant_id uuid not null references tenants (id),
    id text not null,
    descriptor jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`,

  `create table datasets (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    name text not null,
    description text not null,
    space_id text not null,
    chunking jsonb not null,
    permission text not null check (permission in ('tenant', 'private')),
    owner text not null,
    created_by jsonb not null,
    deleting boolean not null default false,
    last_ingested_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, space_id) references spaces (tenant_id, id)
  )`,
  `create unique index datasets_name on datasets (tenant_id, name) where not deleting`,

  // Totals as of the last fold, and what has changed since. Readers add both up.
  `create table dataset_counters (
    tenant_id uuid not null,
    dataset_id uuid not null,
    documents int not null default 0,
    segments int not null default 0,
    tokens bigint not null default 0,
    bytes bigint not null default 0,
    primary key (tenant_id, dataset_id),
    foreign key (tenant_id, dataset_id) references datasets (tenant_id, id) on delete cascade
  )`,
  `create table dataset_counter_deltas (
    id bigint generated always as identity primary key,
    tenant_id uuid not null,
    dataset_id uuid not null,
    documents int not null,
    segments int not null,
    tokens bigint not null,
    bytes bigint not null,
    foreign key (tenant_id, dataset_id) references datasets (tenant_id, id) on delete cascade
  )`,
  `create index dataset_counter_deltas_dataset on dataset_counter_deltas (tenant_id, dataset_id)`,

  `create table documents (
    tenant_id uuid not null,
    dataset_id uuid not null,
    id uuid not null,
    name text not null,
    media_type text,
    declared_type text,
    size bigint not null,
    content_hash text not null,
    metadata jsonb not null default '{}',
    enabled boolean not null default true,
    archived boolean not null default false,
    deleting boolean not null default false,
    published_run_id uuid,
    latest_run_id uuid,
    pages int not null default 0,
    segments int not null default 0,
    tokens int not null default 0,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, dataset_id, id),
    foreign key (tenant_id, dataset_id) references datasets (tenant_id, id)
  )`,
  `create index documents_list on documents (tenant_id, dataset_id, created_at desc, id desc)`,
  `create index documents_content on documents (tenant_id, dataset_id, content_hash)`,

  `create table runs (
    tenant_id uuid not null,
    dataset_id uuid not null,
    document_id uuid not null,
    id uuid not null,
    number int not null,
    state text not null default 'queued' check (state in
      ('queued', 'parsing', 'chunking', 'embedding', 'indexing', 'publishing', 'published', 'failed', 'cancelled')),
    paused boolean not null default false,
    waiting_for text,
    cause jsonb,
    config jsonb not null,
    pages int not null default 0,
    revision int not null default 0,
    since timestamptz not null default now(),
    created_by jsonb,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, document_id, number),
    unique (tenant_id, document_id, id),
    foreign key (tenant_id, dataset_id, document_id) references documents (tenant_id, dataset_id, id)
  )`,
  `alter table documents add foreign key (tenant_id, id, published_run_id)
    references runs (tenant_id, document_id, id) deferrable initially deferred`,
  `alter table documents add foreign key (tenant_id, id, latest_run_id)
    references runs (tenant_id, document_id, id) deferrable initially deferred`,

  `create table work_units (
    tenant_id uuid not null,
    run_id uuid not null,
    id uuid not null,
    stage text not null check (stage in ('parse', 'chunk', 'embed', 'index', 'publish')),
    ordinal int not null,
    weight int not null,
    spec jsonb not null,
    state text not null default 'pending' check (state in ('pending', 'done', 'failed', 'cancelled')),
    artefact text,
    warnings jsonb,
    elapsed_ms double precision not null default 0,
    cause jsonb,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, run_id, stage, ordinal),
    foreign key (tenant_id, run_id) references runs (tenant_id, id)
  )`,

  `create table segments (
    tenant_id uuid not null,
    dataset_id uuid not null,
    document_id uuid not null,
    id uuid not null,
    space_id text not null,
    text text not null,
    heading_path text[] not null,
    text_hash text not null,
    tokens int not null,
    language text not null,
    enabled boolean not null default true,
    index_state text not null default 'pending' check (index_state in ('in_sync', 'pending', 'failed')),
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, document_id, id),
    foreign key (tenant_id, dataset_id, document_id) references documents (tenant_id, dataset_id, id),
    foreign key (tenant_id, space_id) references spaces (tenant_id, id)
  )`,
  `create index segments_text on segments (tenant_id, space_id, text_hash)`,

  `create table run_segments (
    tenant_id uuid not null,
    document_id uuid not null,
    run_id uuid not null,
    ordinal int not null,
    segment_id uuid not null,
    boxes jsonb not null,
    primary key (tenant_id, run_id, ordinal),
    unique (tenant_id, segment_id, run_id),
    foreign key (tenant_id, document_id, run_id) references runs (tenant_id, document_id, id),
    foreign key (tenant_id, document_id, segment_id) references segments (tenant_id, document_id, id)
  )`,

  // The vectors of all texts that were ever embedded in a space: truth for the index, and the cache that saves embedding twice.
  `create table vectors (
    tenant_id uuid not null,
    space_id text not null,
    text_hash text not null,
    vector bytea not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, space_id, text_hash),
    foreign key (tenant_id, space_id) references spaces (tenant_id, id)
  )`,

  // Owed work, and nothing else: a finished job is deleted in the transaction that holds its effect.
  `create table jobs (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    stage text not null,
    lane text not null check (lane in ('interactive', 'bulk')),
    payload jsonb not null,
    run_id uuid,
    document_id uuid,
    state text not null default 'ready' check (state in ('ready', 'leased', 'dead')),
    not_before timestamptz not null default now(),
    attempts int not null default 0,
    losses int not null default 0,
    epoch int not null default 0,
    lease_token uuid,
    lease_holder text,
    lease_expires_at timestamptz,
    waiting_for text,
    cause jsonb,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`,
  `create index jobs_due on jobs (stage, tenant_id, lane desc, not_before) where state = 'ready'`,
  `create index jobs_leased on jobs (lease_expires_at) where state = 'leased'`,
  `create index jobs_run on jobs (tenant_id, run_id)`,
  `create index jobs_document on jobs (tenant_id, document_id)`,

  `create table leases (
    name text primary key,
    holder text not null,
    token uuid not null,
    expires_at timestamptz not null
  )`,

  // Written without a number; a relay numbers them after commit, and only numbered events can be read: so no reader skips one.
  `create table events (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    number bigint,
    dataset_id uuid not null,
    document_id uuid,
    private_to text,
    body jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`,
  `create unique index events_number on events (tenant_id, number)`,
  `create index events_unnumbered on events (tenant_id, created_at, id) where number is null`,
  `create index events_age on events (created_at) where number is not null`,
  `create table event_heads (
    tenant_id uuid primary key references tenants (id),
    newest bigint not null,
    oldest bigint not null
  )`,

  `create table idempotency_keys (
    tenant_id uuid not null references tenants (id),
    key text not null,
    operation text not null,
    payload_hash text not null,
    answer jsonb,
    created_at timestamptz not null default now(),
    primary key (tenant_id, key)
  )`,
  `create index idempotency_keys_age on idempotency_keys (created_at)`,

  `create table audit_log (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    operation text not null,
    actor jsonb not null,
    target jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`,

  `create table uploads (
    tenant_id uuid not null,
    dataset_id uuid not null,
    document_id uuid not null,
    id uuid not null,
    name text not null,
    size double precision,
    sha256 text,
    options jsonb not null,
    actor jsonb not null,
    answer jsonb,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, dataset_id) references datasets (tenant_id, id)
  )`,
  `create index uploads_expiry on uploads (expires_at)`,

  `create table query_log (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    actor jsonb not null,
    request jsonb not null,
    hits int not null,
    best double precision,
    elapsed_ms double precision not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`,
  `create index query_log_age on query_log (created_at)`
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
