export { mean, percentile } from "../retrieval/metrics.ts"
import { Clock, Effect } from "effect"

const millis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e6)

/** How long an effect takes, in milliseconds, and what it answers. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const begin = yield* millis
    const value = yield* effect
    return { ms: (yield* millis) - begin, value }
  })

/** The middle of an odd number of values, else the upper of the two in the middle. */
export const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
