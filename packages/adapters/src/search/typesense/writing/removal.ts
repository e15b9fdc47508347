import { Effect, Schedule, Schema } from "effect"
import { documentsOf, type Engine } from "../Engine.ts"
import { Failure, malformed } from "../Failure.ts"
import type { Options } from "../options.ts"
import { countSearch, foundOf } from "../reading/statistics.ts"

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

/** Pauses before something is sent again. */
export const pausesOf = ({ backOff }: Options) =>
  Schedule.exponential(backOff.first).pipe(Schedule.jittered, Schedule.upTo({ duration: backOff.longest }))

const removeOnce = ({ timeouts }: Options, engine: Engine, collection: string, filter: string) =>
  engine.call({ method: "DELETE", path: documentsOf(collection), query: { filter_by: filter } }, timeouts.write).pipe(
    Effect.flatMap((text) => Effect.mapError(decodeDeleted(text), () => malformed("a removal's answer"))),
    Effect.map(({ num_deleted }) => num_deleted)
  )

/** Removes what a filter lets through, and answers how much that was. */
export const removeMatching = (engine: Engine, options: Options, collection: string, filter: string) =>
  Effect.retry(removeOnce(options, engine, collection, filter), {
    schedule: pausesOf(options),
    while: ({ isRetryable }) => isRetryable
  })

/**
 * Returns when the server has done to the collection all that it was told before, because a write waits for all earlier ones to the same
 * collection: this one removes nothing. Where writes are refused, as on a full disk, the whole queue has to be empty.
 */
export const catchUp = (engine: Engine, options: Options, collection: string): Effect.Effect<void, Failure> =>
  removeOnce(options, engine, collection, "id:=[none]").pipe(
    Effect.retry({
      schedule: pausesOf(options),
      while: ({ isRetryable, status }) => isRetryable && status !== 422
    }),
    Effect.catchIf(({ status }) => status === 422, () => engine.ready),
    Effect.asVoid
  )

/** A collection that holds entries of a space. One that may be missing holds none where it is. */
export interface Place {
  readonly collection: string
  readonly mayBeMissing: boolean
}

export const orWhereMissing = <A>({ mayBeMissing }: Place, value: A) => (effect: Effect.Effect<A, Failure>) =>
  Effect.catchIf(effect, (failure) => mayBeMissing && failure.isMissingCollection, () => Effect.succeed(value))

const add = (numbers: ReadonlyArray<number>) => numbers.reduce((sum, one) => sum + one, 0)

const largest = (numbers: ReadonlyArray<number>) => numbers.reduce((most, one) => Math.max(most, one), 0)

/** How many entries the filters let through: while a collection is built anew, most are in two. */
export const count = (engine: Engine, options: Options, places: ReadonlyArray<Place>, filters: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(places, (place) =>
      catchUp(engine, options, place.collection).pipe(
        Effect.andThen(countEach(engine, place.collection, filters)),
        Effect.map(add),
        orWhereMissing(place, 0)
      )),
    largest
  )

/**
 * Removes until nothing is counted any more; answers how many entries the server says it has removed. Goes through the places in
 * their order: a copy that is made of an entry after it was removed from the older place is seen by who copies.
 */
export const remove = Effect.fnUntraced(
  function*(engine: Engine, options: Options, places: ReadonlyArray<Place>, filters: ReadonlyArray<string>) {
    const removed = places.map(() => 0)
    let left = filters
    for (let round = 0; round < rounds; round++) {
      for (const [i, place] of places.entries()) {
        for (const filter of left) {
          removed[i]! += yield* orWhereMissing(place, 0)(removeMatching(engine, options, place.collection, filter))
        }
      }
      const none = left.map(() => 0)
      const counts = yield* Effect.forEach(
        places,
        (place) => orWhereMissing(place, none)(countEach(engine, place.collection, left))
      )
      left = left.filter((_, i) => counts.some((one) => one[i] !== 0))
      if (left.length === 0) return largest(removed)
    }
    return yield* new Failure({ status: 503, message: "records come back while they are removed" })
  }
)
