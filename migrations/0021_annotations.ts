import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Curated answers: questions and their answers, by app, and the vectors that a question of a user is compared with. */
const statements = [
  // `revision` counts writes of the app's annotations and vectors, each of which holds this row: whoever has seen all up to one misses
  // nothing by asking for those after it. `epoch` counts what makes all of them owe vectors anew. Null spaces: reply was never on, and
  // none is being built beside.
  `create table apps (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    name text not null,
    description text not null,
    archived boolean not null default false,
    deleting boolean not null default false,
    reply boolean not null default false,
    threshold double precision not null,
    space_id text,
    next_space_id text,
    revision int not null default 0,
    epoch int not null default 1,
    annotations int not null default 0,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, space_id) references spaces (tenant_id, id),
    foreign key (tenant_id, next_space_id) references spaces (tenant_id, id)
  )`,
  "create unique index apps_name on apps (tenant_id, name) where not deleting",

  // `question_key`: of the normalised question, with the app the natural key; appended ones may share it. `question_hash`: of the question
  // as it is embedded. `indexed_epoch` below the app's: vectors are owed.
  `create table annotations (
    tenant_id uuid not null,
    id uuid not null,
    app_id uuid not null,
    question text not null,
    answer text not null,
    question_key text not null,
    question_hash text not null,
    version int not null default 1,
    indexed_epoch int not null default 0,
    hits int not null default 0,
    last_hit_at timestamptz,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_by jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, app_id) references apps (tenant_id, id)
  ) with (fillfactor = 90)`,
  "create index annotations_list on annotations (app_id, tenant_id, id)",
  "create index annotations_key on annotations (app_id, tenant_id, question_key, id)",
  "create index annotations_owed on annotations (app_id, tenant_id, indexed_epoch, id)",

  // Little-endian float32, as in `vectors`: those belong to segments and go with them. Read by thousands: kept in the row, uncompressed.
  `create table annotation_vectors (
    tenant_id uuid not null,
    app_id uuid not null,
    annotation_id uuid not null,
    space_id text not null,
    text_hash text not null,
    vector bytea not null,
    revision int not null,
    primary key (tenant_id, annotation_id, space_id),
    foreign key (tenant_id, annotation_id) references annotations (tenant_id, id) on delete cascade,
    foreign key (tenant_id, space_id) references spaces (tenant_id, id)
  ) with (toast_tuple_target = 8160)`,
  "alter table annotation_vectors alter column vector set storage external",
  "create index annotation_vectors_since on annotation_vectors (app_id, space_id, tenant_id, revision, annotation_id)",
  "create index annotation_vectors_text on annotation_vectors (tenant_id, space_id, text_hash)",

  `create table annotation_hits (
    tenant_id uuid not null,
    id uuid not null,
    annotation_id uuid not null,
    question text not null,
    score double precision not null,
    actor jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, annotation_id) references annotations (tenant_id, id) on delete cascade
  )`,
  "create index annotation_hits_list on annotation_hits (annotation_id, tenant_id, id)",
  "create index annotation_hits_age on annotation_hits (created_at)"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
