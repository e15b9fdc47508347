import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What came in over NATS and what was decided about it, and how far each tenant's own events were published there. */
const statements = [
  // An event id belongs to the first content that was decided under it; other contents have rows of their own, all rejected.
  `create table ingest_events (
    tenant_id uuid not null references tenants (id),
    event_id text not null,
    content_hash text not null,
    state text not null check (state in ('trying', 'accepted', 'rejected')),
    attempts int not null default 0,
    name text,
    outcome jsonb,
    received_at timestamptz not null default now(),
    decided_at timestamptz,
    primary key (tenant_id, event_id, content_hash),
    check ((state = 'trying') = (outcome is null and decided_at is null))
  )`,
  `create index ingest_events_list on ingest_events (tenant_id, decided_at desc, event_id desc, content_hash desc)
    where state <> 'trying'`,
  `create index ingest_events_age on ingest_events (received_at)`,

  `create table event_publications (
    tenant_id uuid primary key references tenants (id),
    published bigint not null
  )`
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
