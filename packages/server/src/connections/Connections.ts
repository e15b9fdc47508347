import { ConnectionAccess } from "@sheaf/adapters/lifecycle/ConnectionAccess"
import type { NotionItem } from "@sheaf/adapters/notion/model"
import { NotionApi } from "@sheaf/adapters/notion/NotionApi"
import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { decodeCursor, encodeCursor } from "@sheaf/adapters/repos/pageCursor"
import type { Connection, ConnectionState, SourceItem } from "@sheaf/domain/connections/Connection"
import {
  ConnectionExists,
  ConnectionMismatch,
  ConnectionNotFound,
  ConnectionRefused,
  ConnectionUnusable,
  type SourceRefused,
  type SourceUnavailable
} from "@sheaf/domain/connections/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest } from "@sheaf/domain/edge/errors"
import { ConnectionId, type PageCursor } from "@sheaf/domain/ids"
import type { Operation } from "@sheaf/domain/operations/Operation"
import { Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { once } from "../edge/Idempotent.ts"
import { pageOr } from "../edge/pageOr.ts"
import { removing } from "./removing.ts"
import { sourceFailed } from "./sourceFailed.ts"

interface Named {
  readonly connectionId: ConnectionId
}

type Failed = SourceRefused | SourceUnavailable

/** How long somebody who asks waits for Notion. */
const patience = "10 seconds"

const Position = Schema.Tuple([Schema.String])

/** Tokens of workspaces elsewhere. Notion is asked before a change begins, and never while one holds the database. */
export class Connections extends Context.Service<Connections, {
  readonly create: (
    caller: Caller,
    wish: { readonly token: string; readonly name?: string }
  ) => Effect.Effect<Connection, ConnectionExists | ConnectionRefused | Failed | BadRequest>
  readonly get: (caller: Caller, connection: Named) => Effect.Effect<Connection, ConnectionNotFound>
  readonly list: (caller: Caller, options: PageOptions) => Effect.Effect<
    { readonly items: ReadonlyArray<Connection>; readonly next?: PageCursor },
    BadRequest
  >
  readonly update: (
    caller: Caller,
    change: Named & { readonly token?: string; readonly name?: string }
  ) => Effect.Effect<
    Connection,
    ConnectionNotFound | ConnectionMismatch | ConnectionRefused | Failed | BadRequest
  >
  readonly check: (
    caller: Caller,
    connection: Named
  ) => Effect.Effect<Connection, ConnectionNotFound | ConnectionUnusable | Failed>
  readonly disable: (
    caller: Caller,
    connection: Named
  ) => Effect.Effect<Connection, ConnectionNotFound | ConnectionUnusable>
  readonly enable: (
    caller: Caller,
    connection: Named
  ) => Effect.Effect<Connection, ConnectionNotFound | ConnectionUnusable>
  readonly revoke: (caller: Caller, connection: Named) => Effect.Effect<Connection, ConnectionNotFound>
  readonly remove: (
    caller: Caller,
    wish: Named & { readonly documents: "keep" | "delete" }
  ) => Effect.Effect<{ readonly operation: Operation | null }, ConnectionNotFound>
  readonly items: (caller: Caller, wish: Named & { readonly cursor?: PageCursor }) => Effect.Effect<
    { readonly items: ReadonlyArray<SourceItem>; readonly next?: PageCursor },
    ConnectionNotFound | ConnectionUnusable | Failed | BadRequest
  >
}>()("@sheaf/server/connections/Connections") {
  static readonly layer = Layer.effect(
    Connections,
    Effect.gen(function*() {
      const access = yield* ConnectionAccess
      const notion = yield* NotionApi
      const remove = yield* removing
      const repo = yield* ConnectionsRepo

      const get: Connections["Service"]["get"] = Effect.fn("Connections.get")(
        function*({ tenantId }, { connectionId }) {
          const found = yield* repo.find(tenantId, connectionId)
          if (Option.isNone(found)) return yield* new ConnectionNotFound({ connectionId })
          return found.value
        }
      )

      const held = Effect.fnUntraced(function*({ tenantId }: Caller, connectionId: ConnectionId) {
        const found = yield* repo.lock(tenantId, connectionId)
        if (Option.isNone(found)) return yield* new ConnectionNotFound({ connectionId })
        return found.value
      })

      /** Whose token it is. */
      const ownerOf = (connectionId: ConnectionId, token: Redacted.Redacted) =>
        notion.reader({ connectionId, token, patience }).check.pipe(
          Effect.mapError((error) =>
            error._tag === "NotionUnauthorized" ? new ConnectionRefused({ reason: error.message }) : sourceFailed(error)
          )
        )

      const noKey = ({ message }: Error) => new BadRequest({ reason: message })

      const create: Connections["Service"]["create"] = Effect.fn("Connections.create")(
        function*(caller, { name, token }) {
          const begin = yield* once
          const id = yield* newId(ConnectionId)
          const secret = Redacted.make(token)
          const workspace = yield* ownerOf(id, secret)
          const label = name ?? (workspace.name.trim() || "Notion")
          return yield* begin(Effect.gen(function*() {
            const wish = { id, name: label, workspace, token: secret }
            const made = yield* Effect.mapError(repo.insert(caller, wish), noKey)
            if (made !== id) return yield* new ConnectionExists({ connectionId: made, workspace: workspace.name })
            return yield* Effect.orDie(get(caller, { connectionId: id }))
          }))
        }
      )

      const update: Connections["Service"]["update"] = Effect.fn("Connections.update")(
        function*(caller, { connectionId, name, token }) {
          const begin = yield* once
          const known = yield* get(caller, { connectionId })
          const secret = token === undefined ? undefined : Redacted.make(token)
          if (secret !== undefined) {
            const { bot, id, name: workspace } = yield* ownerOf(connectionId, secret)
            if (id !== known.workspace.id || bot.id !== known.integration.id) {
              return yield* new ConnectionMismatch({ connectionId, workspace })
            }
          }
          return yield* begin(Effect.gen(function*() {
            yield* held(caller, connectionId)
            if (name !== undefined) yield* repo.rename(caller.tenantId, connectionId, name)
            if (secret !== undefined) {
              yield* Effect.mapError(repo.setToken(caller.tenantId, connectionId, secret), noKey)
            }
            return yield* get(caller, { connectionId })
          }))
        }
      )

      const check: Connections["Service"]["check"] = Effect.fn("Connections.check")(
        function*(caller, { connectionId }) {
          const begin = yield* once
          const reader = yield* access.open(caller.tenantId, connectionId, { for: "check", patience })
          yield* reader.check.pipe(
            // That it is revoked is what was asked for.
            Effect.asVoid,
            Effect.catchTag("NotionUnauthorized", () => Effect.void),
            Effect.mapError(sourceFailed)
          )
          return yield* begin(get(caller, { connectionId }))
        }
      )

      const switched = (from: ConnectionState, to: ConnectionState) =>
        Effect.fnUntraced(function*(caller: Caller, { connectionId }: Named) {
          const { reason, state } = yield* held(caller, connectionId)
          if (state !== from && state !== to) return yield* new ConnectionUnusable({ connectionId, state, reason })
          yield* repo.setState(caller.tenantId, connectionId, { state: to, reason: null })
          return yield* get(caller, { connectionId })
        })

      const items: Connections["Service"]["items"] = Effect.fn("Connections.items")(
        function*({ tenantId }, { connectionId, cursor }) {
          const from = decodeCursor(Position, cursor)
          if (Option.isNone(from)) return yield* pageOr(Effect.succeedNone)
          const reader = yield* access.open(tenantId, connectionId, { patience })
          const page = yield* reader.list(from.value?.[0]).pipe(
            Effect.mapError((error) =>
              error._tag === "NotionInvalid" && cursor !== undefined
                ? new BadRequest({ reason: "`cursor` is not of this list any more. Start again without one." })
                : error._tag === "NotionUnauthorized"
                ? new ConnectionUnusable({ connectionId, state: "revoked", reason: error.message })
                : sourceFailed(error)
            )
          )
          return {
            items: page.items.map(shown),
            ...(page.next !== undefined && { next: encodeCursor(Position, [page.next]) })
          }
        }
      )

      return Connections.of({
        create,
        get,
        list: ({ tenantId }, options) => pageOr(repo.list(tenantId, options)),
        update,
        check,
        disable: switched("connected", "disabled"),
        enable: switched("disabled", "connected"),
        revoke: Effect.fn("Connections.revoke")(function*(caller, { connectionId }) {
          yield* held(caller, connectionId)
          yield* repo.forget(caller.tenantId, connectionId, "It was taken back here.")
          return yield* get(caller, { connectionId })
        }),
        remove: Effect.fn("Connections.remove")(function*(caller, { connectionId, documents }) {
          yield* held(caller, connectionId)
          return { operation: yield* remove(caller, connectionId, documents === "delete") }
        }),
        items
      })
    })
  )
}

const shown = ({ editedAt, id, kind, parent, title, trashed, url }: NotionItem): SourceItem => ({
  id,
  kind,
  title,
  url,
  parent,
  editedAt,
  trashed
})
