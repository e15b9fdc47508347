import { type Caller, CurrentCaller } from "@sheaf/domain/edge/Caller"
import { Effect, Stream } from "effect"

/** A handler of a service's method that takes the caller first. */
export const withCaller =
  <Payload, A, E, R>(method: (caller: Caller, payload: Payload) => Effect.Effect<A, E, R>) =>
  (payload: Payload): Effect.Effect<A, E, R | CurrentCaller> =>
    Effect.flatMap(CurrentCaller, (caller) => method(caller, payload))

/** The same for a method that streams. */
export const streamWithCaller =
  <Payload, A, E, R>(method: (caller: Caller, payload: Payload) => Stream.Stream<A, E, R>) =>
  (payload: Payload): Stream.Stream<A, E, R | CurrentCaller> =>
    Stream.unwrap(Effect.map(CurrentCaller, (caller) => method(caller, payload)))
