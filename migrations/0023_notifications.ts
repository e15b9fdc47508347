import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Who is told of events, and what is on its way to whom. */
const statements = [
  // `after`: what was numbered up to there is not for it. `failing_since`: nothing got through since. `owner`: whom an event of its own is for.
  `create table webhooks (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    url text not null,
    description text not null,
    kinds text[],
    dataset_ids uuid[],
    after bigint not null,
    state text not null default 'enabled' check (state in ('enabled', 'disabled')),
    disabled_because text check (disabled_because in ('asked', 'gone', 'failing')),
    disabled_at timestamptz,
    failing_since timestamptz,
    owner text not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`,

  // The one with the highest number is the newest; only that one has no end. `key_id` is that of the key that sealed it.
  `create table webhook_secrets (
    tenant_id uuid not null,
    webhook_id uuid not null,
    number int not null,
    sealed text not null,
    key_id text not null,
    expires_at timestamptz,
    primary key (tenant_id, webhook_id, number),
    foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade
  )`,
  "create index webhook_secrets_key on webhook_secrets (key_id)",

  // `body` is what is sent, byte for byte, at every attempt. `next_at`: not before then; null when it is over.
  `create table deliveries (
    tenant_id uuid not null,
    id uuid not null,
    webhook_id uuid not null,
    kind text not null,
    cursor bigint,
    body text not null,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'failed', 'skipped')),
    attempts jsonb not null default '[]',
    tries int not null default 0,
    next_at timestamptz,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade
  )`,
  "create index deliveries_webhook on deliveries (tenant_id, webhook_id, created_at, id)",
  "create index deliveries_over on deliveries (finished_at) where finished_at is not null",

  // Who is mailed. `after`: what was numbered up to there is not for them.
  `create table mail_subscriptions (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    address text not null,
    kinds text[],
    dataset_ids uuid[],
    after bigint not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`,

  // One mail tells of all that happens about its topic until it goes: `counts` by kind, and the first `lines`. `sending`: nothing is added any
  // more, and every attempt sends the same.
  `create table mails (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    address text not null,
    topic text not null,
    dataset_id uuid,
    counts jsonb not null,
    lines jsonb not null,
    state text not null default 'gathering' check (state in ('gathering', 'sending', 'sent', 'failed')),
    tries int not null default 0,
    next_at timestamptz,
    problem text,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id)
  )`,
  "create unique index mails_gathering on mails (tenant_id, address, topic) where state = 'gathering'",
  "create index mails_over on mails (finished_at) where finished_at is not null",

  // How far the events of a tenant were looked through for those who are told of them. What there is already is told to nobody.
  `create table followed_events (
    tenant_id uuid primary key references tenants (id),
    followed bigint not null
  )`,
  "insert into followed_events (tenant_id, followed) select tenant_id, newest from event_heads"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
