import { type Duration, Effect, Semaphore } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"

/** Lets in as many as there are connections. Whoever does not get in within `wait` is told that the database is overloaded. */
export interface Turnstile {
  /** For the time of an effect. */
  readonly around: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SqlError, R>
  /** Until the place is given back with `leave`. */
  readonly enter: Effect.Effect<void, SqlError>
  readonly leave: Effect.Effect<void>
}

export const make = (places: number, wait: Duration.Duration): Turnstile => {
  const free = Semaphore.makeUnsafe(places)
  const full = Effect.fail(
    new SqlError({
      reason: new ConnectionError({
        cause: new Error(`all ${places} connections to the database are in use`),
        message: "no connection became free in time",
        operation: "acquire"
      })
    })
  )
  const queue = Effect.asVoid(Effect.timeoutOrElse(free.take(1), { duration: wait, orElse: () => full }))
  // A timer only for those who have to wait: nearly nobody.
  const enter = Effect.flatMap(free.takeIfAvailable(1), (got) => got ? Effect.void : queue)
  const leave = Effect.asVoid(free.release(1))
  return {
    enter,
    leave,
    around: (effect) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(restore(enter), () => Effect.ensuring(restore(effect), leave))
      )
  }
}
