import { Effect, Exit, Fiber, Scope } from "effect"
import type { KeyInBrowser } from "../errors/client.ts"
import type { Endpoint } from "./Endpoint.ts"
import { handshake } from "./handshake.ts"
import { openWire, type Wire, type WireError } from "./openWire.ts"

type ConnectError = WireError | KeyInBrowser

export interface Connection {
  /** A connection that is open; waits for one where none is. */
  readonly wire: Effect.Effect<Wire, ConnectError>
  /** The same, where nobody has to wait. */
  readonly ready: () => Wire | undefined
}

interface Opened {
  readonly end: (reason: string) => void
  ready: Wire | undefined
  wire: Effect.Effect<Wire, ConnectError>
}

/**
 * The one WebSocket for all calls. It is opened by the first call that needs it and closed when none has used it for a while,
 * so that a program may end without saying so. A lost connection fails the calls in flight, and the next call opens another.
 */
export const makeConnection = (endpoint: Endpoint): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => share(endpoint)),
    ({ close }) => Effect.sync(close)
  )

const share = (endpoint: Endpoint) => {
  let current: Opened | undefined

  const open = (): Opened => {
    const scope = Scope.makeUnsafe()
    const end = (reason: string) => {
      // At once: whoever is told of the end and tries again must not meet this connection.
      if (current === opened) current = undefined
      if (opened.ready !== undefined) endpoint.onEvent({ type: "disconnected", url: endpoint.url, reason })
      opened.ready = undefined
      Effect.runFork(Scope.close(scope, Exit.void))
    }
    const opening = openWire(endpoint, end).pipe(
      Effect.tap((wire) => handshake(wire, endpoint)),
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (Exit.isFailure(exit)) return end("it could not be used")
          opened.ready = exit.value
          endpoint.onEvent({ type: "connected", url: endpoint.url })
        })
      )
    )
    // Known before it is begun: it may fail before this function returns.
    const opened: Opened = { end, ready: undefined, wire: Effect.never }
    current = opened
    // Shared by all who wait for it, so none of them can interrupt it; it has a deadline of its own.
    opened.wire = Fiber.join(Effect.runFork(Scope.provide(opening, scope)))
    return opened
  }

  return {
    wire: Effect.suspend(() => (current ?? open()).wire),
    ready: () => current?.ready,
    close: () => current?.end("the client was closed")
  }
}
