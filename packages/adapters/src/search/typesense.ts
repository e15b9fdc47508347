import type { TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Duration, Effect, Layer, Option, type Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { type IndexEntry, SearchIndex, SearchIndexError } from "./SearchIndex.ts"
import * as Collections from "./typesense/writing/collections.ts"
import * as Engine from "./typesense/Engine.ts"
import type { Failure } from "./typesense/Failure.ts"
import { hexOf, recordId } from "./typesense/fields/hex.ts"
import { importLines } from "./typesense/writing/importing.ts"
import type { Options as Complete } from "./typesense/options.ts"
import { checkVector, lineOf, makeFacts, type Source, sourceOf } from "./typesense/fields/record.ts"
import { refreshing } from "./typesense/writing/refreshing.ts"
import { having } from "./typesense/writing/rebuilding.ts"
import { count, orWhereMissing, type Place, remove } from "./typesense/writing/removal.ts"
import { scopeFilters } from "./typesense/reading/scope.ts"
import { scanPage } from "./typesense/reading/scanning.ts"
import { nothing, readCandidates } from "./typesense/reading/searching.ts"
import { makeAverages, makeTotals } from "./typesense/reading/statistics.ts"
import { vectorsIn } from "./typesense/reading/vectors.ts"

export interface Options {
  /** Of the nodes of one cluster; at least one. The next one is asked where one is down. */
  readonly urls: ReadonlyArray<URL>
  /** May do everything with collections and aliases whose names begin with the prefix, and read the server's status. */
  readonly apiKey: Redacted.Redacted
  /** Before the names of collections and aliases: letters, digits and `_`. Default `sheaf`. */
  readonly collectionPrefix?: string
  readonly timeouts?: {
    /** Of one request that reads. Default 10 seconds. */
    readonly search?: Duration.Input
    /** Of one request that writes or changes a collection. Default 60 seconds. */
    readonly write?: Duration.Input
    /** How long to wait for a server that starts or has been down. Default 10 seconds. */
    readonly ready?: Duration.Input
  }
  /** Pauses before a write is sent again to a server that is behind: the first one, and all together. Default 200 ms, 20 seconds. */
  readonly backOff?: { readonly first?: Duration.Input; readonly longest?: Duration.Input }
}

const complete = ({ apiKey, backOff = {}, collectionPrefix = "sheaf", timeouts = {}, urls }: Options): Complete => ({
  apiKey,
  urls,
  collectionPrefix,
  timeouts: {
    search: Duration.fromInputUnsafe(timeouts.search ?? "10 seconds"),
    write: Duration.fromInputUnsafe(timeouts.write ?? "60 seconds"),
    ready: Duration.fromInputUnsafe(timeouts.ready ?? "10 seconds")
  },
  backOff: {
    first: Duration.fromInputUnsafe(backOff.first ?? "200 millis"),
    longest: Duration.fromInputUnsafe(backOff.longest ?? "20 seconds")
  }
})

const failing = (operation: string) =>
  Effect.mapError((cause: Failure) => new SearchIndexError({ operation, isRetryable: cause.isRetryable, cause }))

const make = Effect.fnUntraced(function*(given: Options) {
  const options = complete(given)
  const engine = yield* Engine.make(options)
  const collections = yield* Collections.make(engine, options)
  const averageOf = makeAverages(engine)
  const totals = makeTotals()

  // A server that cannot be reached, or a key that it does not know, is said at once.
  yield* engine.ready.pipe(Effect.andThen(collections.check), failing("start"))

  const write = Effect.fnUntraced(function*(
    space: Space,
    collection: string,
    tenant: string,
    sources: ReadonlyArray<Source>
  ) {
    const averages = new Map<string, number>()
    for (const [dataset, some] of Map.groupBy(sources, (source) => source.dataset)) {
      const lengths = some.map(({ length }) => length)
      averages.set(dataset, yield* averageOf(collection, tenant, dataset, lengths))
    }
    const factsOf = makeFacts()
    const documents = new Map(sources.map(({ document, fields }) => [document, fields]))
    const lines = function*() {
      for (const source of sources) yield lineOf(source, averages.get(source.dataset)!, factsOf)
    }
    yield* refreshing(engine, options, {
      collection,
      tenant,
      documents: new Map([...documents].map(([document, fields]) => [document, factsOf(fields)])),
      write: importLines(engine, options, { collection, action: "upsert", lines: lines() })
    })
  })

  const upsert = Effect.fn("SearchIndex.upsert")(
    function*(space: Space, tenantId: TenantId, entries: ReadonlyArray<IndexEntry>) {
      for (const { vector } of entries) if (vector !== null) yield* checkVector(vector, space)
      const sources = [...new Map(entries.map((entry) => [entry.segmentId, sourceOf(tenantId, entry)])).values()]
      yield* collections.on(
        collections.ensure(space),
        space,
        (collection) => sources.length === 0 ? Effect.void : write(space, collection, hexOf(tenantId), sources)
      )
    },
    failing("upsert")
  )

  /** Runs on the collection of a space; one that nobody has written to holds nothing. */
  const onFound = <A>(space: Space, empty: A, run: (collection: string) => Effect.Effect<A, Failure>) =>
    collections.on(
      collections.find(space),
      space,
      Option.match({
        onNone: () => Effect.succeed(empty),
        onSome: run
      })
    )

  const candidates: SearchIndex["Service"]["candidates"] = Effect.fn("SearchIndex.candidates")(
    (space, query) =>
      Effect.andThen(
        engine.trusted,
        onFound(space, nothing(query), (collection) => readCandidates({ engine, totals }, space, collection, query))
      ),
    failing("candidates")
  )

  const probe = Effect.andThen(engine.trusted, engine.alive)

  /** Runs on all collections that hold entries of a space, after the server has done all that it was told about which those are. */
  const everywhere = (space: Space, run: (places: ReadonlyArray<Place>) => Effect.Effect<number, Failure>) =>
    collections.on(collections.everywhere(space), space, run)

  const removeScope: SearchIndex["Service"]["remove"] = Effect.fn("SearchIndex.remove")(
    (space, tenantId, scope) =>
      everywhere(space, (places) => remove(engine, options, places, scopeFilters(tenantId, scope))),
    failing("remove")
  )

  const countScope: SearchIndex["Service"]["count"] = Effect.fn("SearchIndex.count")(
    (space, tenantId, scope) =>
      // Nothing to count: then the question is whether anybody answers, and a server that is busy does.
      scope._tag === "Segments" && scope.segmentIds.length === 0
        ? Effect.as(probe, 0)
        : everywhere(space, (places) => count(engine, options, places, scopeFilters(tenantId, scope))),
    failing("count")
  )

  const scan: SearchIndex["Service"]["scan"] = Effect.fn("SearchIndex.scan")(
    (space, tenantId, page) =>
      collections.on(collections.everywhere(space), space, (places) => scanPage(engine, places, tenantId, page)),
    failing("scan")
  )

  const present: SearchIndex["Service"]["present"] = Effect.fn("SearchIndex.present")(
    (space, tenantId, segmentIds) => {
      const ids = new Map(segmentIds.map((segmentId) => [recordId(tenantId, segmentId), segmentId]))
      const look = (places: ReadonlyArray<Place>) =>
        Effect.forEach(
          places,
          (place) => having(engine, place.collection, [...ids.keys()]).pipe(orWhereMissing(place, new Set<string>()))
        )
      return Effect.map(
        collections.on(collections.everywhere(space), space, look),
        (found) => new Set([...ids].flatMap(([id, segmentId]) => found.some((one) => one.has(id)) ? [segmentId] : []))
      )
    },
    failing("present")
  )

  const ensure = Effect.fn("SearchIndex.ensure")(
    (space: Space) => Effect.asVoid(collections.ensure(space)),
    failing("ensure")
  )

  const vectors: SearchIndex["Service"]["vectors"] = Effect.fn("SearchIndex.vectors")(
    (space, tenantId, segmentIds) => {
      const ids = new Map(segmentIds.map((segmentId) => [recordId(tenantId, segmentId), segmentId]))
      const look = (collection: string) => vectorsIn(engine, collection, [...ids.keys()])
      return Effect.map(
        onFound(space, new Map<string, Float32Array | null>(), look),
        (found) => new Map([...found].map(([id, vector]) => [ids.get(id)!, vector]))
      )
    },
    failing("vectors")
  )

  return SearchIndex.of({ ensure, upsert, candidates, remove: removeScope, count: countScope, scan, present, vectors })
})

/**
 * The search index in Typesense (29 or newer). Words are found by what they are worth in each segment, so that a page of hits holds the best
 * of them; scores are computed from the frequencies that come with the hits.
 *
 * Fed by TYPESENSE_URL (one URL, or several with commas between) and TYPESENSE_API_KEY; TYPESENSE_COLLECTION_PREFIX where several
 * installations share a server. Fails to start where no server is ready in time or none knows the key.
 */
export const layer = (options: Options): Layer.Layer<SearchIndex, SearchIndexError> =>
  Layer.effect(SearchIndex, make(options)).pipe(Layer.provide(FetchHttpClient.layer))
