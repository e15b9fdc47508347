import { Clock, Effect, Latch, Metric, Queue, Random } from "effect"
import type { Scope } from "effect"
import { backoff } from "./backoff.ts"
import * as Circuit from "./circuit.ts"
import type { RequestFailed } from "./EmbeddingClient.ts"
import * as metrics from "./metrics.ts"

export interface BreakerOptions {
  readonly trip: Circuit.Trip
  /** How long it stays open the first time, and at most (ms). */
  readonly open: { readonly first: number; readonly longest: number }
  /** A wish to wait longer than this opens it (ms): work is better put off than kept waiting. */
  readonly patience: number
  /** Succeeds when the dependency is itself again. */
  readonly probe: Effect.Effect<void, RequestFailed>
  /** Told in the moment it opens, and when it has closed. */
  readonly onOpen: (why: RequestFailed, retryAfterMs: number) => void
  readonly onClose: () => void
}

export interface Breaker {
  readonly isClosed: () => boolean
  /** Completes when it is closed. */
  readonly ready: Effect.Effect<void>
  /** Why it opened last, and the time (ms) to the next probe. */
  readonly complaint: Effect.Effect<{ readonly why: RequestFailed; readonly retryAfterMs: number } | undefined>
  readonly failed: (failure: RequestFailed) => Effect.Effect<void>
  readonly succeeded: Effect.Effect<void>
}

const gauge = { Closed: 0, HalfOpen: 1, Open: 2 } as const

/**
 * Asks no more of a dependency that is down, and finds out by itself, with a probe now and then, when it is back: nobody's work is the
 * probe, so work need not even be claimed before.
 */
export const makeBreaker = Effect.fnUntraced(function*(
  options: BreakerOptions
): Effect.fn.Return<Breaker, never, Scope.Scope> {
  let circuit = Circuit.closed
  let last: RequestFailed | undefined
  const latch = yield* Latch.make(true)
  const trips = yield* Queue.sliding<void>(1)

  const turn = (next: Circuit.Circuit) =>
    Effect.suspend(() => {
      circuit = next
      return Metric.update(metrics.circuitState, gauge[next._tag])
    })

  const open = Effect.fnUntraced(function*(why: RequestFailed) {
    const jitter = yield* Random.next
    const now = yield* Clock.currentTimeMillis
    const wait = Math.max(why.retryAfterMs ?? 0, backoff(circuit.openings + 1, jitter, options.open))
    last = why
    latch.closeUnsafe()
    yield* turn(Circuit.opened(circuit, now + wait))
    options.onOpen(why, Math.ceil(wait))
    yield* Metric.update(metrics.circuitOpenings, 1)
    yield* Effect.logWarning(`the embedder is given up for ${(wait / 1_000).toFixed(1)} s: ${why.detail}`)
    yield* Queue.offer(trips, undefined)
  })

  const failed = (failure: RequestFailed) =>
    Effect.suspend(() => {
      if (circuit._tag !== "Closed" || failure.kind === "rejected") return Effect.void
      const tooLong = (failure.retryAfterMs ?? 0) > options.patience
      if (failure.kind === "refused" || tooLong) return open(failure)
      const next = Circuit.failed(circuit, failure.kind, options.trip)
      return next === "trip" ? open(failure) : turn(next)
    })

  const recover = Effect.gen(function*() {
    while (circuit._tag === "Open") {
      yield* Effect.sleep(circuit.until - (yield* Clock.currentTimeMillis))
      yield* turn(Circuit.probing(circuit))
      yield* options.probe.pipe(Effect.matchEffect({
        onFailure: open,
        onSuccess: () =>
          Effect.gen(function*() {
            yield* turn(Circuit.recovered(circuit))
            yield* Effect.logInfo("the embedder is back")
            latch.openUnsafe()
            options.onClose()
          })
      }))
    }
  })
  yield* Queue.take(trips).pipe(Effect.andThen(recover), Effect.forever, Effect.forkScoped)
  yield* turn(circuit)

  return {
    isClosed: () => circuit._tag === "Closed",
    ready: latch.await,
    complaint: Effect.map(Clock.currentTimeMillis, (now) =>
      circuit._tag === "Closed" || last === undefined
        ? undefined
        : { why: last, retryAfterMs: circuit._tag === "Open" ? Math.max(0, Math.ceil(circuit.until - now)) : 0 }),
    failed,
    succeeded: Effect.sync(() => {
      circuit = Circuit.succeeded(circuit)
    })
  }
})
