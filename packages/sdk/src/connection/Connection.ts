import { ApiRpcs } from "@sheaf/domain/ApiRpcs"
import { Context, Effect, Layer, RcRef, Schedule, type Scope } from "effect"
import { RpcClient, RpcSerialization } from "effect/rpc"
import { Socket } from "effect/socket"
import { Endpoint } from "./Endpoint.ts"
import { handshake, type HandshakeError } from "./handshake.ts"
import { openSocket } from "./openSocket.ts"
import type { RawClient } from "./rpc.ts"

/**
 * The one WebSocket for all calls. It is opened by the first call that needs it and closed when none has used it for a while,
 * so that a program may end without saying so. A lost connection fails the calls in flight, and the next call opens another.
 */
export class Connection extends Context.Service<Connection, {
  /** A client whose connection is open, and kept open until the scope closes. */
  readonly client: Effect.Effect<RawClient, HandshakeError, Scope.Scope>
}>()("@sheaf/sdk/connection/Connection") {
  static readonly layer = Layer.effect(
    Connection,
    Effect.gen(function*() {
      const endpoint = yield* Endpoint
      const scope = yield* Effect.scope
      let current: object | undefined

      const acquire: Effect.Effect<RawClient, HandshakeError, Scope.Scope> = Effect.gen(function*() {
        const self = {}
        const ended = (reason: string) => {
          if (current !== self) return false
          current = undefined
          endpoint.onEvent({ type: "disconnected", url: endpoint.url, reason })
          return true
        }
        // In the outer scope, because invalidating closes this connection's own and would wait for itself; at once, so that
        // a call that is retried because of the loss does not meet the lost connection again.
        const onDisconnect = Effect.suspend(() =>
          ended("the connection was lost")
            ? Effect.forkIn(RcRef.invalidate(ref), scope, { startImmediately: true })
            : Effect.void
        )
        const client = yield* connect(endpoint, Effect.asVoid(onDisconnect))
        yield* handshake(client, endpoint)
        yield* Effect.addFinalizer(() => Effect.sync(() => ended("it was idle, or the client was closed")))
        current = self
        endpoint.onEvent({ type: "connected", url: endpoint.url })
        return client
      })
      const ref = yield* RcRef.make({ acquire, idleTimeToLive: "5 seconds" })
      return Connection.of({ client: RcRef.get(ref) })
    })
  )
}

const connect = Effect.fnUntraced(function*(endpoint: Endpoint["Service"], onDisconnect: Effect.Effect<void>) {
  const open = yield* openSocket(endpoint)
  const socket = yield* Socket.fromWebSocket(Effect.succeed(open))
  const protocol = yield* RpcClient.makeProtocolSocket({
    // A lost connection is never mended: a call that wants another one opens it, with a deadline of its own.
    retryPolicy: Schedule.recurs(0),
    pingInterval: "10 seconds"
  }).pipe(
    Effect.provideService(Socket.Socket, socket),
    Effect.provideService(RpcClient.ConnectionHooks, { onConnect: Effect.void, onDisconnect }),
    Effect.provide(RpcSerialization.layerNdjson)
  )
  const flat = yield* RpcClient.make(ApiRpcs, { flatten: true, disableTracing: true }).pipe(
    Effect.provideService(RpcClient.Protocol, protocol)
  )
  // One signature for all operations; the areas give each its own types back.
  return { send: flat as unknown as RawClient["send"] }
})
