import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** A dataset moves to another embedding space: its segments stay what they are, and get vectors and index entries there. */
const statements = [
  // Segments keep their ids when their dataset moves: the space that is part of an id is the first one. Null: it has never moved.
  `alter table datasets add column first_space_id text,
    add foreign key (tenant_id, first_space_id) references spaces (tenant_id, id)`,

  // `begun_at` is when index writes began to go to both spaces; a change is open until what it leaves behind is counted as zero.
  `create table space_changes (
    tenant_id uuid not null,
    dataset_id uuid not null,
    id uuid not null,
    from_space_id text not null,
    to_space_id text not null,
    state text not null default 'building' check (state in ('building', 'verifying', 'switched', 'cancelled', 'failed')),
    paused boolean not null default false,
    waiting_for text,
    cause jsonb,
    step int not null default 0,
    position jsonb,
    begun_at timestamptz,
    documents_total int not null default 0,
    documents_done int not null default 0,
    documents_verified int not null default 0,
    segments int not null default 0,
    removed jsonb,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    cleaned_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, dataset_id) references datasets (tenant_id, id) on delete cascade,
    foreign key (tenant_id, from_space_id) references spaces (tenant_id, id),
    foreign key (tenant_id, to_space_id) references spaces (tenant_id, id),
    check (from_space_id <> to_space_id)
  )`,
  "create unique index space_changes_open on space_changes (dataset_id, tenant_id) where cleaned_at is null",
  "create index space_changes_list on space_changes (dataset_id, tenant_id, created_at desc, id desc)"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
