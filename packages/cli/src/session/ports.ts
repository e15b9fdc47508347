import { Effect } from "effect"
import * as Net from "node:net"

/** How many ports above the wanted one are tried. */
const tries = 100

/** The wanted port, or else the next that is free. Answers the wanted one when none is: listening then says why. */
export const nextFreePort = Effect.fn("nextFreePort")(function*(host: string, wanted: number) {
  if (wanted === 0) return 0
  for (let port = wanted; port < Math.min(wanted + tries, 65_536); port++) {
    if (yield* isFree(host, port)) return port
  }
  return wanted
})

const isFree = (host: string, port: number) =>
  Effect.callback<boolean>((resume) => {
    const probe = Net.createServer()
    probe.once("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code !== "EADDRINUSE")))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resume(Effect.succeed(true))))
  })
