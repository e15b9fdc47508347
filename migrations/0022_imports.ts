import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Rows of files that are carried out by a job, and what became of each. */
const statements = [
  // `target_id`: of the app or the document, which may go while its rows wait. `revision` grows with every change. `read_to`: the number of
  // the last row that was read. `queued_at`: all bytes were there; the first in the queue has the first turn.
  `create table imports (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    kind text not null check (kind in ('annotations', 'segments')),
    target_id uuid not null,
    name text not null,
    if_exists text not null check (if_exists in ('skip', 'overwrite', 'append')),
    reading jsonb not null,
    caller jsonb not null,
    owner text not null,
    state text not null default 'uploading'
      check (state in ('uploading', 'waiting', 'reading', 'applying', 'finished', 'failed', 'cancelled')),
    failure jsonb,
    announced float8,
    size float8,
    sha256 text,
    read_to int not null default 0,
    total int not null default 0,
    created int not null default 0,
    overwritten int not null default 0,
    skipped int not null default 0,
    failed int not null default 0,
    revision int not null default 0,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    queued_at timestamptz,
    finished_at timestamptz,
    primary key (tenant_id, id)
  )`,
  "create index imports_list on imports (tenant_id, created_at desc, id desc)",
  "create index imports_open on imports (tenant_id, state) where finished_at is null",
  "create index imports_age on imports (finished_at)",

  // Rows that cannot be carried out are there from the reading on, with their problem and the beginning of what they say.
  `create table import_rows (
    tenant_id uuid not null,
    import_id uuid not null,
    number int not null,
    state text not null check (state in ('pending', 'created', 'overwritten', 'skipped', 'failed')),
    row_values jsonb not null,
    problem jsonb,
    result_id uuid,
    primary key (tenant_id, import_id, number),
    foreign key (tenant_id, import_id) references imports (tenant_id, id)
  ) with (fillfactor = 80)`,
  "create index import_rows_pending on import_rows (tenant_id, import_id, number) where state = 'pending'"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
