import { Effect, RcRef, type Scope } from "effect"
import type { KeyInBrowser } from "../errors/client.ts"
import type { Endpoint } from "./Endpoint.ts"
import { handshake } from "./handshake.ts"
import { openWire, type Wire, type WireError } from "./openWire.ts"

/** A connection that is open, kept open until the scope closes. */
export type Connection = Effect.Effect<Wire, WireError | KeyInBrowser, Scope.Scope>

/**
 * The one WebSocket for all calls. It is opened by the first call that needs it and closed when none has used it for a while,
 * so that a program may end without saying so. A lost connection fails the calls in flight, and the next call opens another.
 */
export const makeConnection = Effect.fnUntraced(
  function*(endpoint: Endpoint): Effect.fn.Return<Connection, never, Scope.Scope> {
    let current: Wire | undefined

    const ended = (wire: Wire | undefined, reason: string) => {
      if (wire === undefined || current !== wire) return
      current = undefined
      endpoint.onEvent({ type: "disconnected", url: endpoint.url, reason })
      // Forgets it at once; what it still holds is released by itself, after the calls in flight have been told.
      Effect.runFork(RcRef.invalidate(ref))
    }
    const acquire: Connection = Effect.gen(function*() {
      let wire: Wire | undefined
      const opened = yield* openWire(endpoint, () => ended(wire, "the connection was lost"))
      yield* handshake(opened, endpoint)
      yield* Effect.addFinalizer(() => Effect.sync(() => ended(wire, "it was not needed any more")))
      wire = current = opened
      endpoint.onEvent({ type: "connected", url: endpoint.url })
      return opened
    })
    const ref = yield* RcRef.make({ acquire, idleTimeToLive: "5 seconds" })
    return RcRef.get(ref)
  }
)
