import { Effect, type Scope } from "effect"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** A wire between client and server that a test can cut. */
export interface Proxy {
  readonly url: string
  /** Drops every connection at once; new ones are let through. */
  readonly cut: () => void
  /** Bytes that went from clients to the server. */
  readonly sent: () => number
  /** Called as bytes pass from a client, before they are passed on. */
  onSent: (total: number) => void
}

/** Forwards a free port to the server's, until the scope closes. */
export const proxyTo = (port: number): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<{ readonly proxy: Proxy; readonly close: () => void }>((resume) => {
      const sockets = new Set<Socket>()
      let total = 0
      const cut = () => {
        for (const socket of sockets) socket.destroy()
      }
      const keep = (socket: Socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        socket.on("close", () => sockets.delete(socket))
      }
      const server = createServer((inward) => {
        const outward = connect(port, "127.0.0.1")
        keep(inward)
        keep(outward)
        inward.on("data", (data) => {
          total += data.length
          proxy.onSent(total)
        })
        inward.pipe(outward)
        outward.pipe(inward)
        inward.on("close", () => outward.destroy())
        outward.on("close", () => inward.destroy())
      })
      const proxy: Proxy = { url: "", cut, sent: () => total, onSent: () => {} }
      const close = () => {
        cut()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        resume(Effect.succeed({ proxy: Object.assign(proxy, { url }), close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ proxy }) => proxy))
