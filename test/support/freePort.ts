import { Effect } from "effect"
import { createServer } from "node:net"

/** A port of the loopback interface that nobody listens on at the moment. */
export const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})
