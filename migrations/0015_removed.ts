import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What has to be known of things when they are gone. */
const statements = [
  // What goes with a deletion, written down before it goes (entries of the index, blobs) or with it (rows), so that whoever goes on
  // after a crash still knows. `leftovers`: what was found beside the parts that go by themselves; `removed` has it already.
  "alter table documents add column removed jsonb not null default '{}'",
  "alter table datasets add column leftovers jsonb not null default '{}'",
  "alter table tenant_tombstones add column leftovers jsonb not null default '{}'",

  // Segments that were disabled when the last version went that had them: should their text come back, they still are.
  `create table hidden_segments (
    tenant_id uuid not null,
    document_id uuid not null,
    segment_id uuid not null,
    gone_at timestamptz not null default now(),
    primary key (tenant_id, document_id, segment_id),
    foreign key (tenant_id, document_id) references documents (tenant_id, id) on delete cascade
  )`,

  // How a run ended, by the run: to see that it was told once.
  `create index events_ends on events (tenant_id, (body ->> 'runId'))
    where body ->> '_tag' in ('DocumentPublished', 'DocumentFailed', 'RunCancelled')`
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
