import type { PgConnection, PgProtocol } from "@effect/sql-pg"
import { Duplex } from "node:stream"
import { makeRiders, type Riders } from "./Riders.ts"

/** What a session of the driver is made of, as far as riders need it. */
interface Inside {
  dispatch: (message: PgProtocol.BackendMessage) => void
  readonly session: { readonly socket: Duplex }
  readonly multiplex: boolean
}

const isInside = (session: object): session is Inside => {
  const dispatch: unknown = Reflect.get(session, "dispatch")
  const inner: unknown = Reflect.get(session, "session")
  return typeof dispatch === "function" && typeof inner === "object" && inner !== null &&
    Reflect.get(inner, "socket") instanceof Duplex && Reflect.get(session, "multiplex") === false
}

const attached = new WeakMap<PgConnection.PgConnection, Riders | undefined>()

const attach = (session: PgConnection.PgConnection): Riders | undefined => {
  if (!isInside(session)) return undefined
  const riders = makeRiders()
  const { dispatch, session: { socket } } = session
  const write = socket.write.bind(socket)
  session.dispatch = (message) => {
    if (riders.incoming(message)) dispatch(message)
  }
  socket.write = (frame: Uint8Array) => write(riders.outgoing(frame))
  return riders
}

/**
 * Riders of a session. The driver has no words for statements that share a message, so this stands between it and its socket, whether that
 * is encrypted or not; a driver that is made otherwise has none (a test notices), and each statement goes its own way.
 */
export const ridersOf = (session: PgConnection.PgConnection): Riders | undefined => {
  if (!attached.has(session)) attached.set(session, attach(session))
  return attached.get(session)
}
