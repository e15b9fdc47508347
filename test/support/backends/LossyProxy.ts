import { Effect } from "effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"

type Fate = "pass" | "lose the request" | "lose the answer" | "never answer"

/** An HTTP proxy between a client and its server that loses what a test wants lost. */
export interface LossyProxy {
  readonly port: number
  /** Asked for every request, before it is passed on. */
  decide: (request: { readonly method: string; readonly url: string }) => Fate
  /** Requests that came in. */
  readonly requests: ReadonlyArray<string>
}

/** Forwards a free port of the loopback interface to another, until the scope closes. */
export const lossyProxyTo = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly proxy: LossyProxy; readonly server: Http.Server }>((resume) => {
      const requests: Array<string> = []
      const decide: LossyProxy["decide"] = () => "pass"
      const server = Http.createServer((incoming, outgoing) => {
        const { method = "", url = "" } = incoming
        requests.push(`${method} ${url}`)
        const fate = proxy.decide({ method, url })
        if (fate === "never answer") return void incoming.resume()
        if (fate === "lose the request") return void incoming.socket.destroy()
        const onward = Http.request(
          { port, host: "127.0.0.1", method, path: url, headers: incoming.headers },
          (answer) => {
            if (fate === "lose the answer") return answer.resume().on("end", () => incoming.socket.destroy())
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
            return answer.pipe(outgoing)
          }
        )
        onward.on("error", () => incoming.socket.destroy())
        incoming.pipe(onward)
      })
      const proxy = { port: 0, requests, decide }
      server.listen(0, "127.0.0.1", () => {
        resume(
          Effect.succeed({ proxy: Object.assign(proxy, { port: (server.address() as AddressInfo).port }), server })
        )
      })
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(Effect.map(({ proxy }): LossyProxy => proxy))
