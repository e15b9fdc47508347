import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Runs that are held up, settings of documents, and actions on many documents at once. */
const statements = [
  // A job of a run that is held up: nobody looks for it, and it is late for nobody.
  `alter table jobs drop constraint jobs_state_check,
    add constraint jobs_state_check check (state in ('ready', 'leased', 'dead', 'paused'))`,

  "alter table datasets add column parsing jsonb not null default '{}'",
  // What a document has of its own, over its dataset's. `edition` counts how often all of it was to be parsed again.
  `alter table documents
    add column settings jsonb not null default '{}',
    add column edition int not null default 0`,

  // What concerns no dataset is for whoever it is private to.
  "alter table events alter column dataset_id drop not null",

  `create table operations (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    action jsonb not null,
    dataset_id uuid,
    filter jsonb,
    caller jsonb not null,
    owner text not null,
    state text not null check (state in ('selecting', 'running', 'finished', 'cancelled')),
    looked_to uuid,
    total int not null default 0,
    done int not null default 0,
    skipped int not null default 0,
    failed int not null default 0,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id)
  )`,
  "create index operations_list on operations (tenant_id, created_at desc, id desc)",
  "create index operations_age on operations (finished_at)",
  `create table operation_items (
    tenant_id uuid not null,
    operation_id uuid not null,
    document_id uuid not null,
    state text not null default 'pending' check (state in ('pending', 'done', 'skipped', 'failed')),
    error jsonb,
    finished_at timestamptz,
    primary key (operation_id, document_id, tenant_id),
    foreign key (tenant_id, operation_id) references operations (tenant_id, id)
  )`,
  "create index operation_items_pending on operation_items (operation_id, document_id, tenant_id) where state = 'pending'"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
