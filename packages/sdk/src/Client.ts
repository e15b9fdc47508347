import type { DatasetId, EventCursor } from "@sheaf/domain/ids"
import type { Event } from "@sheaf/domain/events/Event"
import type { SearchRequest, SearchResult } from "@sheaf/domain/search/Search"
import { Config, Context, Effect, Layer, Option, Stream } from "effect"
import { Admin } from "./areas/Admin.ts"
import { type ByName, Datasets } from "./areas/Datasets.ts"
import { Documents } from "./areas/Documents.ts"
import { Segments } from "./areas/Segments.ts"
import { Calls } from "./connection/Calls.ts"
import { Connection } from "./connection/Connection.ts"
import { Endpoint } from "./connection/Endpoint.ts"
import { Http } from "./connection/Http.ts"
import type { CallError } from "./connection/rpc.ts"
import type { CallOptions, ClientOptions, DatasetRef } from "./options.ts"
import { type EventsError, eventsSince } from "./streams/events.ts"
import { Uploads } from "./upload/Uploads.ts"

/** What to look for: as in the contract, with datasets named in any way. */
export interface Query extends Omit<SearchRequest, "datasetIds"> {
  /** Default: every dataset that the key may read. */
  readonly datasets?: ReadonlyArray<DatasetRef>
}

/**
 * The client for Effect programs. Every call has a deadline and typed errors; changes carry an idempotency key and calls are
 * sent again after a lost connection. Nothing is connected before the first call, so building the layer never fails for want
 * of a server.
 */
export class Sheaf extends Context.Service<Sheaf, {
  readonly datasets: Datasets["Service"]
  readonly documents: Documents["Service"]
  readonly segments: Segments["Service"]
  readonly keys: Admin["Service"]["keys"]
  readonly tenants: Admin["Service"]["tenants"]
  readonly info: Admin["Service"]["info"]
  /** The best segments for a text, with citations and the parts of their scores. */
  readonly search: (
    query: Query,
    options?: CallOptions
  ) => Effect.Effect<SearchResult, CallError<"SearchQuery"> | ByName>
  readonly events: {
    /**
     * What happens in the tenant, in order and without end, after a cursor; `"0"` is before the first, and without one it
     * begins now. Goes on by itself after a lost connection.
     */
    readonly since: (
      cursor?: string,
      options?: { readonly dataset?: DatasetRef }
    ) => Stream.Stream<Event, EventsError | ByName>
  }
}>()("@sheaf/sdk/Client/Sheaf") {
  static readonly layer = (options: ClientOptions = {}): Layer.Layer<Sheaf> =>
    // Fresh: two clients in one program share nothing.
    Layer.fresh(Layer.provide(areas, transport(options)))

  /** The same, with `SHEAF_URL` and `SHEAF_KEY` of the environment where `url` and `key` are left out. */
  static readonly layerConfig = (options: ClientOptions = {}): Layer.Layer<Sheaf, Config.ConfigError> =>
    Layer.unwrap(Effect.map(environment, (found) => Sheaf.layer({ ...found, ...given(options) })))
}

const given = ({ key, url, ...options }: ClientOptions): ClientOptions => ({
  ...options,
  ...(url !== undefined && { url }),
  ...(key !== undefined && { key })
})

const environment = Effect.gen(function*() {
  const url = yield* Config.option(Config.String("SHEAF_URL"))
  const key = yield* Config.option(Config.Redacted("SHEAF_KEY"))
  return {
    ...(Option.isSome(url) && { url: url.value }),
    ...(Option.isSome(key) && { key: key.value })
  }
})

const transport = (options: ClientOptions) => {
  const endpoint = Endpoint.layer(options)
  const calls = Calls.layer.pipe(Layer.provide(Connection.layer), Layer.provideMerge(endpoint))
  return Uploads.layer.pipe(Layer.provideMerge(Layer.provideMerge(Http.layer, calls)))
}

const client = Layer.effect(
  Sheaf,
  Effect.gen(function*() {
    const { info, keys, tenants } = yield* Admin
    const calls = yield* Calls
    const datasets = yield* Datasets
    const documents = yield* Documents
    const endpoint = yield* Endpoint
    const segments = yield* Segments

    const idsOf = (
      refs: ReadonlyArray<DatasetRef> | undefined
    ): Effect.Effect<ReadonlyArray<DatasetId> | undefined, ByName> =>
      refs === undefined ? Effect.undefined : Effect.forEach(refs, datasets.idOf, { concurrency: 4 })

    const search: Sheaf["Service"]["search"] = Effect.fn("Sheaf.search")(
      function*({ datasets: refs, ...query }, options) {
        const datasetIds = yield* idsOf(refs)
        return yield* calls.query("SearchQuery", { ...query, ...(datasetIds && { datasetIds }) }, options)
      }
    )
    const since: Sheaf["Service"]["events"]["since"] = (cursor, options) =>
      Stream.unwrap(
        Effect.map(idsOf(options?.dataset === undefined ? undefined : [options.dataset]), (ids) =>
          eventsSince({ calls, endpoint }, cursor as EventCursor | undefined, ids?.[0]))
      )

    return Sheaf.of({ datasets, documents, segments, keys, tenants, info, search, events: { since } })
  })
)

const areas = client.pipe(
  Layer.provide(Layer.mergeAll(Documents.layer, Segments.layer, Admin.layer)),
  Layer.provide(Datasets.layer)
)
