import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Ways for documents that tenants make up themselves. A version never changes; a run has its steps in its own configuration. */
const statements = [
  `create table pipelines (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    name text not null,
    description text not null,
    newest_version int not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name)
  )`,

  `create table pipeline_versions (
    tenant_id uuid not null,
    pipeline_id uuid not null,
    version int not null,
    definition jsonb not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, pipeline_id, version),
    foreign key (tenant_id, pipeline_id) references pipelines (tenant_id, id) on delete cascade
  )`,

  // What HTTP steps sign with, by the name of the step: a new version keeps it. `key_id` is that of the key that sealed it.
  `create table pipeline_secrets (
    tenant_id uuid not null,
    pipeline_id uuid not null,
    step text not null,
    sealed text not null,
    key_id text not null,
    primary key (tenant_id, pipeline_id, step),
    foreign key (tenant_id, pipeline_id) references pipelines (tenant_id, id) on delete cascade
  )`,
  "create index pipeline_secrets_key on pipeline_secrets (key_id)",

  // Null: none. Without a version the newest at that time.
  `alter table datasets add column pipeline_id uuid, add column pipeline_version int,
    add foreign key (tenant_id, pipeline_id) references pipelines (tenant_id, id),
    add foreign key (tenant_id, pipeline_id, pipeline_version) references pipeline_versions (tenant_id, pipeline_id, version)`,
  "create index datasets_pipeline on datasets (pipeline_id, tenant_id) where pipeline_id is not null",

  // Who uses a pipeline is asked before it goes.
  `create index documents_pipeline on documents ((settings -> 'pipeline' ->> 'id'), tenant_id)
    where settings -> 'pipeline' is not null`,
  `create index runs_pipeline on runs ((config -> 'pipeline' ->> 'id'), tenant_id)
    where config -> 'pipeline' is not null and state not in ('published', 'failed', 'cancelled')`,

  "alter table work_units drop constraint work_units_stage_check",
  `alter table work_units add constraint work_units_stage_check
    check (stage in ('parse', 'clean', 'chunk', 'embed', 'index', 'publish'))`
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
