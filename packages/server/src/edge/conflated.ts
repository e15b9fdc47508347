import { type Duration, Effect, Queue, type Scope, Stream } from "effect"

/** Signals may be lost: whoever waits also looks by itself. */
const poll: Duration.Input = "1 second"

/** The least time between two looks, so that a busy run does not keep the database busy with its watchers. */
const breath: Duration.Input = "40 millis"

/**
 * An effect that ends when something has been signalled since it last ended, or after a second. However many signals came, they are
 * one. Nothing is missed from the moment that this returns.
 */
export const conflated = Effect.fnUntraced(function*(
  signals: Stream.Stream<unknown>
): Effect.fn.Return<Effect.Effect<void>, never, Scope.Scope> {
  const changed = yield* Queue.sliding<void>(1)
  yield* signals.pipe(Stream.runForEach(() => Queue.offer(changed, undefined)), Effect.forkScoped)
  return Effect.sleep(breath).pipe(
    Effect.andThen(Queue.take(changed)),
    Effect.timeoutOption(poll),
    Effect.asVoid
  )
})
