import { Effect } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A server that counts who comes, and answers everybody. */
export const listener = Effect.acquireRelease(
  Effect.promise(() => {
    const asked: Array<string> = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? "")
      response.end("alive")
    })
    return new Promise<{ server: typeof server; asked: typeof asked; url: string }>((resolve) =>
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resolve({ server, asked, url: `http://127.0.0.1:${port}` })
      })
    )
  }),
  ({ server }) => Effect.sync(() => server.close())
)
