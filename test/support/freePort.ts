import { Effect } from "effect"
import { createServer } from "node:net"

/** Below the ports that the system gives to outgoing connections: so nobody takes it while the server that uses it is being restarted. */
const range = { from: 20_000, to: 32_000 }

const isFree = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(false)))
    server.listen(port, "127.0.0.1", () => server.close(() => resume(Effect.succeed(true))))
  })

/** A port of the loopback interface that nobody listens on at the moment. */
export const freePort: Effect.Effect<number> = Effect.suspend(() => {
  // Not from Effect's Random: tests that begin alike would all get the same one.
  const port = range.from + Math.floor(Math.random() * (range.to - range.from))
  return Effect.flatMap(isFree(port), (free) => free ? Effect.succeed(port) : freePort)
})
