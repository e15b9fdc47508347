import { ConnectionsRpcs } from "@sheaf/domain/connections/ConnectionsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Connections } from "./Connections.ts"

const group = ConnectionsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const connections = yield* Connections
  return group.of({
    ConnectionsCreate: withCaller(connections.create),
    ConnectionsGet: withCaller(connections.get),
    ConnectionsList: withCaller(connections.list),
    ConnectionsUpdate: withCaller(connections.update),
    ConnectionsCheck: withCaller(connections.check),
    ConnectionsDisable: withCaller(connections.disable),
    ConnectionsEnable: withCaller(connections.enable),
    ConnectionsRevoke: withCaller(connections.revoke),
    ConnectionsDelete: withCaller(connections.remove),
    ConnectionsItems: withCaller(connections.items)
  })
}))
