import { Effect, Schedule, Schema } from "effect"
import { documentsOf, type Engine } from "./Engine.ts"
import { Failure, malformed } from "./Failure.ts"
import type { Options } from "./options.ts"
import { countSearch, foundOf } from "./statistics.ts"

/** Searches of one request; the server takes 50. */
export const searchesAtOnce = 40

/** After so many rounds somebody else is writing what is being removed. */
const rounds = 5

const Deleted = Schema.Struct({ num_deleted: Schema.Finite })
const decodeDeleted = Schema.decodeUnknownEffect(Schema.fromJsonString(Deleted))

/** How many records the filters let through, each for itself. */
export const countEach = Effect.fnUntraced(
  function*(engine: Engine, collection: string, filters: ReadonlyArray<string>) {
    const counts: Array<number> = []
    for (let from = 0; from < filters.length; from += searchesAtOnce) {
      const searches = filters.slice(from, from + searchesAtOnce).map((filter) => countSearch(collection, filter))
      counts.push(...(yield* Effect.forEach(yield* engine.multiSearch(searches), foundOf)))
    }
    return counts
  }
)

export const count = (engine: Engine, collection: string, filters: ReadonlyArray<string>) =>
  Effect.map(countEach(engine, collection, filters), (counts) => counts.reduce((sum, one) => sum + one, 0))

/** Removes until nothing is counted any more; answers how many records the server says it has removed. */
export const remove = Effect.fnUntraced(
  function*(engine: Engine, { backOff, timeouts }: Options, collection: string, filters: ReadonlyArray<string>) {
    const pauses = Schedule.exponential(backOff.first).pipe(
      Schedule.jittered,
      Schedule.upTo({ duration: backOff.longest })
    )
    const removeOne = (filter: string) =>
      engine.call({ method: "DELETE", path: documentsOf(collection), query: { filter_by: filter } }, timeouts.write)
        .pipe(
          Effect.flatMap((text) => Effect.mapError(decodeDeleted(text), () => malformed("a removal's answer"))),
          Effect.retry({ schedule: pauses, while: ({ isRetryable }) => isRetryable }),
          Effect.map(({ num_deleted }) => num_deleted)
        )
    let removed = 0
    let left = filters
    for (let round = 0; round < rounds; round++) {
      for (const filter of left) removed += yield* removeOne(filter)
      const counts = yield* countEach(engine, collection, left)
      left = left.filter((_, i) => counts[i] !== 0)
      if (left.length === 0) return removed
    }
    return yield* new Failure({ status: 503, message: "records come back while they are removed" })
  }
)
