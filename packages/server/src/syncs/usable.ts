import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import { ConnectionNotFound, ConnectionUnusable } from "@sheaf/domain/connections/errors"
import type { ConnectionId, TenantId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"

/** Whoever begins something with a connection hears at once that it cannot work. Part of the caller's transaction. */
export const usableConnections = Effect.map(
  ConnectionsRepo,
  (connections) =>
    Effect.fnUntraced(function*(tenantId: TenantId, connectionId: ConnectionId) {
      const found = yield* connections.hold(tenantId, connectionId)
      if (Option.isNone(found)) return yield* new ConnectionNotFound({ connectionId })
      const { reason, state } = found.value
      if (state !== "connected") return yield* new ConnectionUnusable({ connectionId, state, reason })
    })
)
