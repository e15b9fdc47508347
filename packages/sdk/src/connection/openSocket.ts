import { Effect, type Scope } from "effect"
import { Unreachable } from "../errors/client.ts"
import type { Endpoint } from "./Endpoint.ts"

/**
 * A WebSocket that is open, closed again with the scope. A server that is not there, refuses, or does not answer within the
 * connect timeout is `Unreachable`.
 */
export const openSocket = (endpoint: Endpoint): Effect.Effect<WebSocket, Unreachable, Scope.Scope> => {
  const unreachable = (reason: string) => Effect.fail(new Unreachable({ url: endpoint.url, reason }))
  const opened = Effect.callback<WebSocket, Unreachable>((resume) => {
    let socket: WebSocket
    try {
      socket = new globalThis.WebSocket(endpoint.socketUrl)
    } catch (cause) {
      return resume(unreachable(cause instanceof Error ? cause.message : String(cause)))
    }
    socket.addEventListener("open", () => resume(Effect.succeed(socket)))
    // An "error" event never says why; the "close" event that follows it sometimes does.
    socket.addEventListener("close", ({ reason }) => resume(unreachable(reason || "the connection was refused")))
    return Effect.sync(() => socket.close())
  })
  const timely = Effect.timeoutOrElse(opened, {
    duration: endpoint.connectTimeoutMs,
    orElse: () => unreachable("the connection was not made in time")
  })
  return Effect.acquireRelease(timely, (socket) => Effect.sync(() => socket.close()), { interruptible: true })
}
