import { Effect, Exit, Fiber, Scope } from "effect"
import type { KeyInBrowser } from "../errors/client.ts"
import type { Endpoint } from "./Endpoint.ts"
import { handshake } from "./handshake.ts"
import { openWire, type Wire, type WireError } from "./openWire.ts"

type ConnectError = WireError | KeyInBrowser

/** A connection that is open, and kept open until the scope closes. */
export type Connection = Effect.Effect<Wire, ConnectError, Scope.Scope>

interface Opened {
  readonly end: (reason: string) => void
  wire: Effect.Effect<Wire, ConnectError>
}

/** How long a connection is kept that nobody uses. */
const idleMs = 5_000

/**
 * The one WebSocket for all calls. It is opened by the first call that needs it and closed when none has used it for a while,
 * so that a program may end without saying so. A lost connection fails the calls in flight, and the next call opens another.
 */
export const makeConnection = (endpoint: Endpoint): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => share(endpoint)),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ connection }) => connection))

const share = (endpoint: Endpoint) => {
  let current: Opened | undefined
  let users = 0
  let idle: ReturnType<typeof setTimeout> | undefined

  const open = (): Opened => {
    const scope = Scope.makeUnsafe()
    let connected = false
    const end = (reason: string) => {
      // At once: whoever is told of the end and tries again must not meet this connection.
      if (current === opened) current = undefined
      if (connected) endpoint.onEvent({ type: "disconnected", url: endpoint.url, reason })
      connected = false
      Effect.runFork(Scope.close(scope, Exit.void))
    }
    const opening = openWire(endpoint, end).pipe(
      Effect.tap((wire) => handshake(wire, endpoint)),
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (Exit.isFailure(exit)) return end("it could not be used")
          connected = true
          endpoint.onEvent({ type: "connected", url: endpoint.url })
        })
      )
    )
    // Known before it is begun: it may fail before this function returns.
    const opened: Opened = { end, wire: Effect.never }
    current = opened
    // Shared by all who wait for it, so none of them can interrupt it; it has a deadline of its own.
    opened.wire = Fiber.join(Effect.runFork(Scope.provide(opening, scope)))
    return opened
  }

  const enter = () => {
    users++
    clearTimeout(idle)
  }
  const leave = () => {
    users--
    if (users === 0) idle = setTimeout(() => current?.end("nobody used it"), idleMs)
  }
  const connection: Connection = Effect.acquireRelease(Effect.sync(enter), () => Effect.sync(leave)).pipe(
    Effect.andThen(Effect.suspend(() => (current ?? open()).wire))
  )
  const close = () => {
    clearTimeout(idle)
    current?.end("the client was closed")
  }
  return { connection, close }
}
