import { ConnectionAccess } from "@sheaf/adapters/lifecycle/ConnectionAccess"
import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import type { ConnectionState } from "@sheaf/domain/connections/Connection"
import type { ConnectionId, TenantId } from "@sheaf/domain/ids"
import { Duration, Effect, Option } from "effect"
import { Stopped } from "./troubles.ts"

/** How long a call may wait for its turn: the whole listing would only begin anew. */
const patience = Duration.minutes(2)

const gone = new Stopped({ cause: { _tag: "ConnectionGone" } })

const stop = ({ reason, state }: { readonly state: ConnectionState; readonly reason: string | null }) => {
  switch (state) {
    case "disabled":
      return new Stopped({ cause: { _tag: "ConnectionDisabled" } })
    case "revoked":
      return new Stopped({ cause: { _tag: "ConnectionRevoked", detail: reason ?? "it was taken back" } })
    case "connected":
      return new Stopped({ cause: { _tag: "Refused", detail: reason ?? "the connection cannot be used" } })
  }
}

/** Opens connections for syncs, as long as they are connected. */
export const openingConnections = Effect.gen(function*() {
  const access = yield* ConnectionAccess
  const connections = yield* ConnectionsRepo

  return {
    open: (tenantId: TenantId, connectionId: ConnectionId) =>
      Effect.mapError(
        access.open(tenantId, connectionId, { patience }),
        (error) => error._tag === "ConnectionNotFound" ? gone : stop(error)
      ),
    /** It may have been taken back since it was opened. */
    check: Effect.fnUntraced(function*(tenantId: TenantId, connectionId: ConnectionId) {
      const found = yield* connections.find(tenantId, connectionId)
      if (Option.isNone(found)) return yield* gone
      if (found.value.state !== "connected") return yield* stop(found.value)
    })
  }
})
