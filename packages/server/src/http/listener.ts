import { NodeHttpServer } from "@effect/platform-node"
import { createServer, type Server } from "node:http"
import type { Socket } from "node:net"
import { maxMessageBytes } from "./rpc.ts"

/** Time for calls to end by themselves when the server stops. A stream will not: it is told to come back elsewhere or later. */
const grace = "800 millis"

/** Then connections are cut, whatever they do: a client that does not answer must not keep the process. */
const cutAfterMillis = 1_600

/** The headers of a request must be there in this time. Its body may take hours: uploads are large and lines are slow. */
const headersTimeout = 15_000

/** What is listened on. Stops within two seconds, with whatever is open. */
export const layer = (options: { readonly host: string; readonly port: number }) =>
  NodeHttpServer.layer(() => cutting(createServer({ requestTimeout: 0, headersTimeout })), {
    ...options,
    gracefulShutdownTimeout: grace,
    websocket: { maxPayload: maxMessageBytes }
  })

/** Makes `close` final: Node itself would wait for ever for an upgraded connection whose client does not hang up. */
const cutting = (server: Server): Server => {
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  const close = server.close.bind(server)
  server.close = (done) => {
    setTimeout(() => sockets.forEach((socket) => socket.destroy()), cutAfterMillis).unref()
    return close(done)
  }
  return server
}
