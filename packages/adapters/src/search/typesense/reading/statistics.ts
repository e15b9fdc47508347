import { Clock, Effect, Schema } from "effect"
import { type Engine, type Search } from "../Engine.ts"
import { Failure, malformed } from "../Failure.ts"

export interface Statistics {
  readonly segments: number
  readonly averageLength: number
}

/** Counts the segments that a filter lets through, and adds up their lengths. */
export const statisticsSearch = (collection: string, filter: string): Search => ({
  collection,
  q: "*",
  filter_by: filter,
  per_page: 0,
  facet_by: "length",
  // Otherwise only the commonest lengths may be looked at.
  facet_strategy: "exhaustive",
  max_facet_values: 1
})

export const countSearch = (collection: string, filter: string): Search => ({
  collection,
  q: "*",
  filter_by: filter,
  per_page: 0
})

const Refused = Schema.Struct({ code: Schema.Finite, error: Schema.String })
const Counted = Schema.Struct({ found: Schema.Finite })
const Faceted = Schema.Struct({
  found: Schema.Finite,
  facet_counts: Schema.Array(Schema.Struct({ stats: Schema.Struct({ sum: Schema.optionalKey(Schema.Finite) }) }))
})
const isRefused = Schema.is(Refused)
const decodeCounted = Schema.decodeUnknownEffect(Counted)
const decodeFaceted = Schema.decodeUnknownEffect(Faceted)

/** A result of a multi-search: one that the server could not do says so inside an answer that is otherwise fine. */
export const checked = (result: unknown): Effect.Effect<unknown, Failure> =>
  isRefused(result)
    ? Effect.fail(new Failure({ status: result.code, message: result.error }))
    : Effect.succeed(result)

export const foundOf = (result: unknown): Effect.Effect<number, Failure> =>
  Effect.flatMap(
    checked(result),
    (answer) =>
      Effect.mapBoth(decodeCounted(answer), { onFailure: () => malformed("a count"), onSuccess: ({ found }) => found })
  )

export const statisticsOf = (result: unknown): Effect.Effect<Statistics, Failure> =>
  Effect.gen(function*() {
    const { facet_counts: [facet], found } = yield* Effect.mapError(
      decodeFaceted(yield* checked(result)),
      () => malformed("statistics")
    )
    return { segments: found, averageLength: found === 0 ? 0 : (facet?.stats.sum ?? 0) / found }
  })

/** How long a mean length is good for: it hardly moves. */
const goodForMillis = 60_000

/** Up to so many, lengths are added up at every search; among more the mean is remembered. */
const quicklyAdded = 20_000

/** Mean lengths that are kept; more searches than that at a time begin anew. */
const mostRemembered = 10_000

/** The statistics of what is searched: how to ask for them and how to read the answer. Segments are always counted. */
export const makeTotals = () => {
  const known = new Map<string, { readonly averageLength: number; readonly at: number }>()
  return Effect.fnUntraced(function*(collection: string, filter: string) {
    const key = `${collection} ${filter}`
    const now = yield* Clock.currentTimeMillis
    const remembered = known.get(key)
    if (remembered !== undefined && now - remembered.at < goodForMillis) {
      const { averageLength } = remembered
      const read = (result: unknown) =>
        Effect.map(foundOf(result), (segments): Statistics => ({ segments, averageLength }))
      return { search: countSearch(collection, filter), read }
    }
    const read = (result: unknown) =>
      Effect.tap(statisticsOf(result), ({ averageLength, segments }) =>
        Effect.sync(() => {
          if (segments <= quicklyAdded) return
          if (known.size >= mostRemembered) known.clear()
          known.set(key, { averageLength, at: now })
        }))
    return { search: statisticsSearch(collection, filter), read }
  })
}

export type Totals = ReturnType<typeof makeTotals>

/**
 * The mean length by which a dataset's words are put into impact fields: of what the index holds of the dataset now and of what is being
 * written. Scores do not depend on it, only which hits of a word come first.
 */
export const makeAverages = (engine: Engine) => {
  const known = new Map<string, Statistics & { readonly at: number }>()
  return Effect.fnUntraced(function*(
    collection: string,
    tenant: string,
    dataset: string,
    lengths: ReadonlyArray<number>
  ) {
    const key = `${collection} ${tenant} ${dataset}`
    const now = yield* Clock.currentTimeMillis
    const remembered = known.get(key)
    if (remembered !== undefined && now - remembered.at < goodForMillis) return remembered.averageLength
    const search = statisticsSearch(collection, `tenant:=${tenant} && dataset:=${dataset}`)
    const [result] = yield* engine.multiSearch([search])
    const there = yield* statisticsOf(result)
    const segments = there.segments + lengths.length
    const sum = there.segments * there.averageLength + lengths.reduce((total, length) => total + length, 0)
    const averageLength = Math.max(1, sum / Math.max(1, segments))
    if (known.size >= mostRemembered) known.clear()
    known.set(key, { segments, averageLength, at: now })
    return averageLength
  })
}
