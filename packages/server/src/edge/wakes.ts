import { type Duration, Effect, Queue, type Scope, Stream } from "effect"

/** The least time between two looks of one who waits. */
const breath: Duration.Input = "20 millis"

/** Signals may be lost: whoever waits is woken when a look shows that something has changed. */
const poll: Duration.Input = "1 second"

interface Waiters<Value> {
  readonly queues: Set<Queue.Queue<void>>
  seen: Value | undefined
}

/**
 * Lets many wait for changes of the same things: one listener for all of them, and one look a second at each thing that is waited for.
 * Answers an effect that ends when the thing was signalled, or seen to have changed, since it last ended; however often that was, it is
 * once. Nothing is missed from the moment that it is answered.
 */
export const makeWakes = Effect.fnUntraced(function*<Key, Value>({ look, signals }: {
  readonly signals: Stream.Stream<Key>
  readonly look: (key: Key) => Effect.Effect<Value>
}): Effect.fn.Return<(key: Key) => Effect.Effect<Effect.Effect<void>, never, Scope.Scope>, never, Scope.Scope> {
  const waiting = new Map<Key, Waiters<Value>>()
  const wake = (key: Key) => {
    for (const queue of waiting.get(key)?.queues ?? []) Queue.offerUnsafe(queue, undefined)
  }
  yield* signals.pipe(Stream.runForEach((key) => Effect.sync(() => wake(key))), Effect.forkScoped)

  const round = Effect.suspend(() =>
    Effect.forEach([...waiting], ([key, waiters]) =>
      Effect.map(look(key), (value) => {
        if (waiters.seen !== value) wake(key)
        waiters.seen = value
      }).pipe(
        // A database that does not answer is looked at again.
        Effect.catchCause((cause) => Effect.logDebug("a look for changes failed", cause))
      ), { discard: true })
  )
  yield* Effect.sleep(poll).pipe(Effect.andThen(round), Effect.forever, Effect.forkScoped)

  const enter = (key: Key, queue: Queue.Queue<void>) => {
    const waiters = waiting.get(key) ?? { queues: new Set(), seen: undefined }
    waiting.set(key, waiters)
    waiters.queues.add(queue)
    return waiters
  }
  return Effect.fnUntraced(function*(key) {
    const queue = yield* Queue.sliding<void>(1)
    yield* Effect.acquireRelease(
      Effect.sync(() => enter(key, queue)),
      ({ queues }) =>
        Effect.sync(() => {
          queues.delete(queue)
          if (queues.size === 0) waiting.delete(key)
        })
    )
    return Effect.andThen(Effect.sleep(breath), Queue.take(queue))
  })
})
