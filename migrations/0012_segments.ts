import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What is needed to change the segments of a published version, and to do it again in the next one. */
const statements = [
  // A segment that is added stands between two others without anybody moving.
  "alter table run_segments alter column ordinal type double precision",

  // `former`: what stood in its place before, so that an outdated editor is told. `parked`: a segment that is in no version, because the
  // newest run found no place for it, as it was. `place`: the ordinal it had. `in_conflict`: the newest version is without the change.
  `alter table segment_changes
    add column former uuid[] not null default '{}',
    add column parked jsonb,
    add column in_conflict boolean not null default false,
    add column place double precision,
    add column updated_at timestamptz not null default now()`,
  "alter table segment_changes drop constraint segment_changes_check",
  `alter table segment_changes add constraint segment_changes_check check (
    (kind = 'deleted') = (segment_id is null and parked is null) and (segment_id is null or parked is null)
    and (parked is null or in_conflict))`,
  "create index segment_changes_document on segment_changes (document_id, id, tenant_id)",

  // The first of what a run could not do again.
  "alter table runs add column conflicts jsonb"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
