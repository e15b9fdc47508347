import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What is needed to delete tenants, to find and repair drift, and to let go of old runs. */
const statements = [
  "alter table tenants drop constraint tenants_state_check",
  "alter table tenants add constraint tenants_state_check check (state in ('active', 'suspended', 'deleting'))",

  // What is left of a tenant: that there was one, who wanted it gone, and how much went. Deliberately without a `tenant_id`: it belongs
  // to the installation, and stays when everything that has one was counted as zero. `spaces` says where to look for late writes.
  `create table tenant_tombstones (
    id uuid primary key,
    name text not null,
    requested_by jsonb not null,
    requested_in uuid not null,
    requested_at timestamptz not null default now(),
    removed jsonb not null default '{}',
    spaces jsonb not null default '[]',
    deleted_at timestamptz,
    swept_at timestamptz
  )`,
  "create index tenant_tombstones_unswept on tenant_tombstones (deleted_at) where swept_at is null",

  // What went with the documents of a dataset on its way out, added up for the event that ends it.
  "alter table datasets add column removed jsonb not null default '{}'",

  // A look for drift, one tenant at a time: where it stands, what it suspects, what it found and what it mended.
  `create table reconciliations (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    repair boolean not null,
    asked_by jsonb,
    position jsonb not null,
    findings jsonb not null default '[]',
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id)
  )`,
  "create unique index reconciliations_open on reconciliations (tenant_id) where finished_at is null",
  "create index reconciliations_newest on reconciliations (tenant_id, finished_at desc) where finished_at is not null",

  // Few documents have so many runs that the oldest may go.
  "create index runs_many on runs (tenant_id, document_id, number) where number > 50",
  "create index audit_log_age on audit_log (created_at)",
  // Those of runs that are at work, and what ended runs have left open.
  "create index work_units_open on work_units (run_id, tenant_id) where state = 'pending'"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
