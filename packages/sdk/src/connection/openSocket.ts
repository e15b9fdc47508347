import { Effect, type Scope } from "effect"
import type { Socket } from "effect/socket"
import { Unreachable } from "../errors/client.ts"
import type { Endpoint } from "./Endpoint.ts"

/**
 * A WebSocket that is open, closed again with the scope. A server that is not there, refuses, or does not answer within the
 * connect timeout is `Unreachable`.
 */
export const openSocket = (
  endpoint: Endpoint["Service"]
): Effect.Effect<Socket.WebSocketLike, Unreachable, Scope.Scope> => {
  const unreachable = (reason: string) => new Unreachable({ url: endpoint.url, reason })
  const opened = Effect.callback<Socket.WebSocketLike, Unreachable>((resume) => {
    let socket: WebSocket
    try {
      socket = new globalThis.WebSocket(endpoint.socketUrl)
    } catch (cause) {
      return resume(Effect.fail(unreachable(cause instanceof Error ? cause.message : String(cause))))
    }
    socket.addEventListener("open", () => resume(Effect.succeed(socket as Socket.WebSocketLike)))
    // An "error" event never says why; the "close" event that follows it sometimes does.
    socket.addEventListener("close", (event) => resume(Effect.fail(unreachable(closed(event)))))
    return Effect.sync(() => socket.close())
  })
  const timely = Effect.timeoutOrElse(opened, {
    duration: endpoint.connectTimeout,
    orElse: () => Effect.fail(unreachable("the connection was not made in time"))
  })
  return Effect.acquireRelease(timely, (socket) => Effect.sync(() => socket.close(1000)), { interruptible: true })
}

const closed = (event: { readonly code: number; readonly reason: string }): string =>
  event.reason !== "" ? event.reason : event.code === 1006 ? "the connection was refused" : `closed with ${event.code}`
