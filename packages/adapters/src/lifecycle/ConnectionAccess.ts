import { ConnectionNotFound, ConnectionUnusable } from "@sheaf/domain/connections/errors"
import type { ConnectionId, TenantId } from "@sheaf/domain/ids"
import { Context, type Duration, Effect, Layer, Option, Stream } from "effect"
import { SqlClient } from "effect/sql"
import type { NotionError } from "../notion/errors.ts"
import { NotionApi, type NotionReader } from "../notion/NotionApi.ts"
import { ConnectionsRepo } from "../repos/connections/ConnectionsRepo.ts"
import { ownerOf } from "../repos/datasets/DatasetsRepo.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import { transact } from "../repos/rows.ts"

export interface AccessOptions {
  /** As of `NotionAccess`. */
  readonly patience?: Duration.Input
  /** `check`: also a connection that is disabled or revoked, if there is a token. Default `use`. */
  readonly for?: "use" | "check"
}

/**
 * Readers of connections. What a reader finds out about its token is kept, whatever becomes of the caller: a refused one makes the connection
 * `revoked`, which an event says, an accepted one is noted by `check`.
 */
export class ConnectionAccess extends Context.Service<ConnectionAccess, {
  readonly open: (
    tenantId: TenantId,
    connectionId: ConnectionId,
    options?: AccessOptions
  ) => Effect.Effect<NotionReader, ConnectionNotFound | ConnectionUnusable>
}>()("@sheaf/adapters/lifecycle/ConnectionAccess") {
  static readonly layer = Layer.effect(
    ConnectionAccess,
    Effect.gen(function*() {
      const notion = yield* NotionApi
      const events = yield* EventsRepo
      const repo = yield* ConnectionsRepo
      const part = transact(yield* SqlClient.SqlClient)

      const refused = Effect.fnUntraced(
        function*(tenantId: TenantId, connectionId: ConnectionId, tokenVersion: number, reason: string) {
          const revoked = yield* repo.refused(tenantId, connectionId, tokenVersion, reason)
          if (Option.isNone(revoked)) return
          const { createdBy, name } = revoked.value
          const body = { _tag: "ConnectionRevoked", datasetId: null, connectionId, name, reason } as const
          yield* events.append(tenantId, body, ownerOf(createdBy))
        },
        (effect) => part(effect)
      )

      return ConnectionAccess.of({
        open: Effect.fn("ConnectionAccess.open")(
          function*(tenantId, connectionId, { for: purpose = "use", patience } = {}) {
            const found = yield* Effect.mapError(
              repo.open(tenantId, connectionId),
              ({ message }) =>
                new ConnectionUnusable({
                  connectionId,
                  state: "connected",
                  reason: `its token cannot be read: ${message}.`
                })
            )
            if (Option.isNone(found)) {
              return yield* new ConnectionNotFound({ connectionId })
            }
            const { connection: { reason, state }, token, tokenVersion } = found.value
            if (Option.isNone(token) || purpose === "use" && state !== "connected") {
              return yield* new ConnectionUnusable({ connectionId, state, reason })
            }
            const reader = notion.reader({
              connectionId,
              token: token.value,
              ...(patience !== undefined && { patience })
            })
            const noted = Effect.tap(
              reader.check,
              (workspace) => repo.accepted(tenantId, connectionId, tokenVersion, workspace)
            )
            return guarded({ ...reader, check: noted }, (error) =>
              error._tag === "NotionUnauthorized"
                ? refused(tenantId, connectionId, tokenVersion, error.message)
                : Effect.void)
          }
        )
      })
    })
  )
}

/** The same reader, with somebody who hears of every failure. */
const guarded = (reader: NotionReader, heard: (error: NotionError) => Effect.Effect<void>): NotionReader => ({
  check: Effect.tapError(reader.check, heard),
  list: (cursor) => Effect.tapError(reader.list(cursor), heard),
  page: (id) => Effect.tapError(reader.page(id), heard),
  database: (id) => Effect.tapError(reader.database(id), heard),
  sources: (id) => Effect.tapError(reader.sources(id), heard),
  rows: (id, cursor) => Effect.tapError(reader.rows(id, cursor), heard),
  blocks: (id) => Stream.tapError(reader.blocks(id), heard)
})
