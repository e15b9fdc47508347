import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Duration } from "effect"
import { HttpServer } from "effect/http"
import { createServer, type Server } from "node:http"
import type { Socket } from "node:net"
import { batched } from "./batched.ts"
import { maxMessageBytes } from "./rpc.ts"

/** Time for calls to end by themselves when the server stops, unless told otherwise. */
const shortGrace = Duration.millis(800)

/** After this connections are cut, whatever they do: a client that does not answer must not keep the process. */
const mercy = Duration.millis(800)

/**
 * Connections with streams never end by themselves, so they are cut after this time at the latest: whoever reads comes back elsewhere or
 * later, and goes on where it was.
 */
const graceOfStreams = Duration.seconds(2)

/** The headers of a request must be there in this time. Its body may take hours: uploads are large and lines are slow. */
const headersTimeout = 15_000

interface ListenerOptions {
  readonly host: string
  readonly port: number
  /** How long requests may go on when the server stops; connections with streams two seconds at most. */
  readonly grace?: Duration.Duration | undefined
}

/** What is listened on. Stops within `grace` and a second, with whatever is open. */
export const layer = ({ grace = shortGrace, ...options }: ListenerOptions) =>
  NodeHttpServer.layer(() => cutting(createServer({ requestTimeout: 0, headersTimeout }), grace), {
    ...options,
    gracefulShutdownTimeout: grace,
    websocket: { maxPayload: maxMessageBytes }
  })

/** Makes `close` final: Node itself would wait for ever for an upgraded connection whose client does not hang up. */
const cutting = (server: Server, grace: Duration.Duration): Server => {
  const sockets = new Set<Socket>()
  const upgraded = new Set<Socket>()
  const keep = (set: Set<Socket>, socket: Socket) => {
    set.add(socket)
    socket.once("close", () => set.delete(socket))
  }
  server.on("connection", (socket: Socket) => keep(sockets, socket))
  let closing = false
  // A connection that was kept for later calls may come back as one with streams.
  server.on("upgrade", (_request, socket: Socket) => {
    if (closing) return void socket.destroy()
    batched(socket)
    keep(upgraded, socket)
  })
  const close = server.close.bind(server)
  const cut = (set: Set<Socket>, after: Duration.Duration) => {
    setTimeout(() => set.forEach((socket) => socket.destroy()), Duration.toMillis(Duration.sum(after, mercy))).unref()
  }
  server.close = (done) => {
    closing = true
    const idle = setInterval(() => server.closeIdleConnections(), 100).unref()
    server.once("close", () => clearInterval(idle))
    cut(upgraded, Duration.min(grace, graceOfStreams))
    cut(sockets, grace)
    return close(done)
  }
  return server
}

/** Where it can be reached from this machine. An address that stands for all of the machine's is reached by the loopback one. */
export const describe = ({ address }: HttpServer.HttpServer["Service"]) => {
  const url = HttpServer.formatAddress(address).replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")
  return { url, port: "port" in address ? address.port : 0 }
}
