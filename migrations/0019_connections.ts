import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Credentials of workspaces elsewhere. What was imported through one stays when it is revoked, so rows do not go. */
const statements = [
  // `sealed` is null where the token was taken back here: nothing of it is left. `token_version` counts the tokens it has had.
  `create table connections (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    kind text not null check (kind = 'notion'),
    name text not null,
    workspace_id text not null,
    workspace_name text not null,
    bot_id text not null,
    bot_name text not null,
    state text not null check (state in ('connected', 'disabled', 'revoked')),
    reason text,
    state_changed_at timestamptz not null default now(),
    checked_at timestamptz not null default now(),
    sealed text,
    key_id text,
    token_version int not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, kind, workspace_id, bot_id),
    check ((sealed is null) = (key_id is null)),
    check (sealed is not null or state = 'revoked')
  )`,
  "create index connections_key on connections (key_id) where key_id is not null"
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
