import type { ConnectionId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Actor } from "../world/Actor.ts"
import type { Act, Scenario } from "./Scenario.ts"
import { followed } from "./syncs.ts"

const token = "ntn_double"

const make = ({ call, client, once }: Actor) =>
  call(client.ConnectionsCreate({ token, name: "pumps", ...once("connection") }))

/** A change of a connection. */
const changing = (change: (connectionId: ConnectionId) => Act): Scenario => (actor) =>
  Effect.map(make(actor), ({ id }) => change(id))

export const connections = {
  ConnectionsCreate: () => Effect.succeed(make),
  ConnectionsUpdate: changing((connectionId) => ({ call, client, once }) =>
    call(client.ConnectionsUpdate({ connectionId, token, name: "valves", ...once("update") }))
  ),
  ConnectionsCheck: changing((connectionId) => ({ call, client, once }) =>
    call(client.ConnectionsCheck({ connectionId, ...once("check") }))
  ),
  ConnectionsDisable: changing((connectionId) => ({ call, client, once }) =>
    call(client.ConnectionsDisable({ connectionId, ...once("disable") }))
  ),
  ConnectionsEnable: Effect.fnUntraced(function*(actor) {
    const { id: connectionId } = yield* make(actor)
    yield* actor.call(actor.client.ConnectionsDisable({ connectionId, ...actor.once("disable") }))
    return ({ call, client, once }) => call(client.ConnectionsEnable({ connectionId, ...once("enable") }))
  }),
  ConnectionsRevoke: changing((connectionId) => ({ call, client, once }) =>
    call(client.ConnectionsRevoke({ connectionId, ...once("revoke") }))
  ),
  /** With two documents that came through it. */
  ConnectionsDelete: (actor) =>
    Effect.map(
      followed(actor),
      ({ connectionId }) => ({ call, client, once }) =>
        call(client.ConnectionsDelete({ connectionId, documents: "delete", ...once("delete") }))
    )
} satisfies Record<string, Scenario>
