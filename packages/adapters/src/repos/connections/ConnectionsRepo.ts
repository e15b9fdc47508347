import { Connection, type ConnectionState } from "@sheaf/domain/connections/Connection"
import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { ConnectionId, type PageCursor, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, type Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { NotionWorkspace } from "../../notion/model.ts"
import { keyIdOf, type NoSecretKey, Sealed, Secrets, type SecretUnreadable } from "../../secrets/Secrets.ts"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"
import { sealingAgain } from "../sealingAgain.ts"

const { integration: _, workspace: __, ...plain } = Connection.fields
const Row = Schema.Struct({
  ...plain,
  workspaceId: Schema.String,
  workspaceName: Schema.String,
  botId: Schema.String,
  botName: Schema.String,
  stateChangedAt: Schema.Date,
  checkedAt: Schema.Date,
  createdAt: Schema.Date
})

const toConnection = ({ botId, botName, workspaceId, workspaceName, ...row }: typeof Row.Type) =>
  new Connection({
    ...row,
    workspace: { id: workspaceId, name: workspaceName },
    integration: { id: botId, name: botName }
  })

/** Whose token it is: sealed for one connection, it opens for no other. */
const ownerOf = (tenantId: TenantId, connectionId: ConnectionId) => ["connections", tenantId, connectionId]

/** A connection with what its calls need. */
export interface Opened {
  readonly connection: Connection
  /** `None` where it was taken back. */
  readonly token: Option.Option<Redacted.Redacted>
  /** Which of the connection's tokens it is. */
  readonly tokenVersion: number
}

/** Connections of tenants to workspaces elsewhere, with their tokens sealed. */
export class ConnectionsRepo extends Context.Service<ConnectionsRepo, {
  readonly find: (tenantId: TenantId, connectionId: ConnectionId) => Effect.Effect<Option.Option<Connection>>
  /** Oldest first. */
  readonly list: (tenantId: TenantId, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Connection>; readonly next?: PageCursor }>
  >
  /** Answers the connection that there is for this integration: the new one, or one from before. Part of the caller's transaction. */
  readonly insert: (caller: Caller, connection: {
    readonly id: ConnectionId
    readonly name: string
    readonly workspace: NotionWorkspace
    readonly token: Redacted.Redacted
  }) => Effect.Effect<ConnectionId, NoSecretKey>
  /** Locks it until the end of the caller's transaction. */
  readonly lock: (tenantId: TenantId, connectionId: ConnectionId) => Effect.Effect<Option.Option<Connection>>
  /** The connection, which nobody removes before the end of the caller's transaction. */
  readonly hold: (tenantId: TenantId, connectionId: ConnectionId) => Effect.Effect<Option.Option<Connection>>
  readonly rename: (tenantId: TenantId, connectionId: ConnectionId, name: string) => Effect.Effect<void>
  /** Another token, which was just accepted: it is connected. */
  readonly setToken: (
    tenantId: TenantId,
    connectionId: ConnectionId,
    token: Redacted.Redacted
  ) => Effect.Effect<void, NoSecretKey>
  readonly setState: (
    tenantId: TenantId,
    connectionId: ConnectionId,
    change: { readonly state: ConnectionState; readonly reason: string | null }
  ) => Effect.Effect<void>
  /** Revoked, with nothing left of the token. */
  readonly forget: (tenantId: TenantId, connectionId: ConnectionId, reason: string) => Effect.Effect<void>
  /** The workspace has just accepted this token, and says what it is called. */
  readonly accepted: (
    tenantId: TenantId,
    connectionId: ConnectionId,
    tokenVersion: number,
    workspace: NotionWorkspace
  ) => Effect.Effect<void>
  /**
   * The workspace has just refused this token. Answers whose connection is revoked by that: nothing, if it was before, or if there is another
   * token by now.
   */
  readonly refused: (
    tenantId: TenantId,
    connectionId: ConnectionId,
    tokenVersion: number,
    reason: string
  ) => Effect.Effect<Option.Option<{ readonly name: string; readonly createdBy: Actor }>>
  /** With everything that is followed through it. Part of the caller's transaction. */
  readonly remove: (tenantId: TenantId, connectionId: ConnectionId) => Effect.Effect<void>
  readonly open: (
    tenantId: TenantId,
    connectionId: ConnectionId
  ) => Effect.Effect<Option.Option<Opened>, SecretUnreadable>
  /** Seals what another key has sealed, of any tenant, with the newest one. Answers how many it looked at. */
  readonly sealAgain: Effect.Effect<number>
}>()("@sheaf/adapters/repos/connections/ConnectionsRepo") {
  static readonly layer = Layer.effect(
    ConnectionsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const box = yield* Secrets
      const columns =
        sql`id, kind, name, workspace_id, workspace_name, bot_id, bot_name, state, reason, state_changed_at,
        checked_at, created_by, created_at`
      const found = maybeRow(Row)
      const many = rows(Row)
      const of = (tenantId: TenantId, connectionId: ConnectionId) =>
        sql`tenant_id = ${tenantId} and id = ${connectionId}`

      const Position = Schema.Tuple([ConnectionId])
      const list: ConnectionsRepo["Service"]["list"] = Effect.fn("ConnectionsRepo.list")(
        function*(tenantId, { cursor, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* many(sql`select ${columns} from connections where tenant_id = ${tenantId}
            ${after.value === undefined ? sql`` : sql`and id > ${after.value[0]}`} order by id limit ${limit + 1}`)
          const items = page.slice(0, limit).map(toConnection)
          const last = items.at(-1)
          return Option.some({ items, ...(page.length > limit && last && { next: encodeCursor(Position, [last.id]) }) })
        }
      )

      const ids = oneRow(Schema.Struct({ id: ConnectionId }))
      const insert: ConnectionsRepo["Service"]["insert"] = Effect.fn("ConnectionsRepo.insert")(
        function*({ actor, tenantId }, { id, name, token, workspace }) {
          const sealed = yield* box.seal(token, ownerOf(tenantId, id))
          const by = yield* Effect.orDie(Schema.encodeEffect(Actor)(actor))
          // The update changes nothing: it answers the row that is there.
          const row = yield* ids(sql`insert into connections
              (tenant_id, id, kind, name, workspace_id, workspace_name, bot_id, bot_name, state, sealed, key_id, created_by)
            values (${tenantId}, ${id}, 'notion', ${name}, ${workspace.id}, ${workspace.name}, ${workspace.bot.id},
              ${workspace.bot.name}, 'connected', ${sealed}, ${keyIdOf(sealed)}, ${json(by)}::jsonb)
            on conflict (tenant_id, kind, workspace_id, bot_id) do update set kind = excluded.kind returning id`)
          return row.id
        }
      )

      const opened = maybeRow(
        Schema.Struct({ ...Row.fields, sealed: Schema.NullOr(Sealed), tokenVersion: Schema.Int })
      )
      const open: ConnectionsRepo["Service"]["open"] = Effect.fn("ConnectionsRepo.open")(
        function*(tenantId, connectionId) {
          const row = yield* opened(sql`select ${columns}, sealed, token_version from connections
            where ${of(tenantId, connectionId)}`)
          if (Option.isNone(row)) return Option.none()
          const { sealed, tokenVersion, ...rest } = row.value
          const token = sealed === null
            ? Option.none()
            : Option.some(yield* box.open(sealed, ownerOf(tenantId, connectionId)))
          return Option.some({ connection: toConnection(rest), token, tokenVersion })
        }
      )

      const Stale = Schema.Struct({ tenantId: TenantId, id: ConnectionId, sealed: Sealed })
      const stale = rows(Stale)
      const sealAgain = sealingAgain<typeof Stale.Type>(box, {
        nameOf: ({ id }) => `the token of connection ${id}`,
        ownerOf: ({ id, tenantId }) => ownerOf(tenantId, id),
        replace: ({ id, sealed, tenantId }, next) =>
          done(sql`update connections set sealed = ${next}, key_id = ${keyIdOf(next)}
            where ${of(tenantId, id)} and sealed = ${sealed}`),
        stale: (keyId, last, limit) =>
          stale(sql`select tenant_id, id, sealed from connections where key_id <> ${keyId}
            ${last === undefined ? sql`` : sql`and (tenant_id, id) > (${last.tenantId}::uuid, ${last.id}::uuid)`}
            order by tenant_id, id limit ${limit}`)
      })

      const refusals = maybeRow(Schema.Struct({ name: Schema.String, createdBy: Actor }))

      return ConnectionsRepo.of({
        find: (tenantId, connectionId) =>
          Effect.map(
            found(sql`select ${columns} from connections where ${of(tenantId, connectionId)}`),
            Option.map(toConnection)
          ),
        list,
        insert,
        lock: (tenantId, connectionId) =>
          Effect.map(
            found(sql`select ${columns} from connections where ${of(tenantId, connectionId)} for update`),
            Option.map(toConnection)
          ),
        hold: (tenantId, connectionId) =>
          Effect.map(
            found(sql`select ${columns} from connections where ${of(tenantId, connectionId)} for key share`),
            Option.map(toConnection)
          ),
        rename: (tenantId, connectionId, name) =>
          done(sql`update connections set name = ${name} where ${of(tenantId, connectionId)}`),
        setToken: (tenantId, connectionId, token) =>
          Effect.flatMap(
            box.seal(token, ownerOf(tenantId, connectionId)),
            (sealed) =>
              done(sql`update connections set sealed = ${sealed}, key_id = ${keyIdOf(sealed)},
              token_version = token_version + 1, state = 'connected', reason = null, state_changed_at = now(),
              checked_at = now() where ${of(tenantId, connectionId)}`)
          ),
        setState: (tenantId, connectionId, { reason, state }) =>
          done(sql`update connections set state = ${state}, reason = ${reason}, state_changed_at = now()
            where ${of(tenantId, connectionId)} and state <> ${state}`),
        forget: (tenantId, connectionId, reason) =>
          done(sql`update connections set state = 'revoked', reason = ${reason}, sealed = null, key_id = null,
            state_changed_at = now() where ${of(tenantId, connectionId)} and sealed is not null`),
        accepted: (tenantId, connectionId, tokenVersion, workspace) =>
          done(sql`update connections set checked_at = now(), workspace_name = ${workspace.name},
              bot_name = ${workspace.bot.name},
              state = case when state = 'revoked' then 'connected' else state end,
              reason = case when state = 'revoked' then null else reason end,
              state_changed_at = case when state = 'revoked' then now() else state_changed_at end
            where ${of(tenantId, connectionId)} and token_version = ${tokenVersion} and sealed is not null`),
        refused: (tenantId, connectionId, tokenVersion, reason) =>
          refusals(sql`update connections set state = 'revoked', reason = ${reason}, state_changed_at = now()
            where ${of(tenantId, connectionId)} and token_version = ${tokenVersion} and state <> 'revoked'
            returning name, created_by`),
        open,
        remove: (tenantId, connectionId) => done(sql`delete from connections where ${of(tenantId, connectionId)}`),
        sealAgain: Effect.withSpan(sealAgain, "ConnectionsRepo.sealAgain")
      })
    })
  )
}
