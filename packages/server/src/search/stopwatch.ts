import { Clock, Effect, Metric } from "effect"
import { searchSeconds } from "../edge/metrics.ts"

const parts = ["embed", "candidates", "rank", "load", "rerank", "total"] as const
type Part = typeof parts[number]

/** How long the parts of one search take; a part that is done several times adds up. */
export const stopwatch = () => {
  const spent: Record<Part, number> = { embed: 0, candidates: 0, rank: 0, load: 0, rerank: 0, total: 0 }
  const time = <A, E, R>(part: Part, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(
      Clock.currentTimeNanos,
      (begin) =>
        Effect.tap(effect, () =>
          Effect.map(Clock.currentTimeNanos, (now) => {
            spent[part] += Number(now - begin) / 1_000_000
          }))
    )
  /** In milliseconds; also what the metrics hear of. */
  const read = Effect.forEach(
    parts,
    (part) => Metric.update(Metric.withAttributes(searchSeconds, { part }), spent[part] / 1_000),
    { discard: true }
  ).pipe(Effect.map(() => ({
    embedMs: spent.embed,
    candidatesMs: spent.candidates,
    rankMs: spent.rank,
    loadMs: spent.load,
    rerankMs: spent.rerank,
    totalMs: spent.total
  })))
  return { time, read }
}
