import { createServer } from "node:http"
import type { Said } from "./loopDelay.ts"

// What Node itself can do: an HTTP server that answers a request with its body.
const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json" })
    response.end(Buffer.concat(chunks))
  })
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  process.send?.({ ready: { port } } satisfies Said)
})
process.on("disconnect", () => process.exit())
