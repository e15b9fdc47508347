import type { DatasetId, EventCursor } from "@sheaf/domain/ids"
import type { SearchRequest, SearchResult } from "@sheaf/domain/search/Search"
import { Effect, type Scope } from "effect"
import { type Admin, makeAdmin } from "./areas/Admin.ts"
import { type ByName, type Datasets, makeDatasets } from "./areas/Datasets.ts"
import { type Documents, makeDocuments } from "./areas/Documents.ts"
import { type Drift, makeDrift } from "./areas/Drift.ts"
import { makeOperations, type Operations } from "./areas/Operations.ts"
import { makeSegments, type Segments } from "./areas/Segments.ts"
import { makeSpaceChanges, type SpaceChanges } from "./areas/SpaceChanges.ts"
import { makeCalls } from "./connection/Calls.ts"
import { makeConnection } from "./connection/Connection.ts"
import { makeEndpoint } from "./connection/Endpoint.ts"
import { makeHttp } from "./connection/Http.ts"
import type { CallError } from "./connection/rpc.ts"
import type { CallOptions, ClientOptions, DatasetRef } from "./options.ts"
import { type EventsOptions, type EventsSince, eventsSince } from "./streams/events.ts"
import { makeUploads } from "./upload/Uploads.ts"

/** What to look for: as in the contract, with datasets named in any way. */
export interface Query extends Omit<SearchRequest, "datasetIds"> {
  /** Default: every dataset that the key may read. */
  readonly datasets?: ReadonlyArray<DatasetRef>
}

/** All that a client can do: what both clients are made of. */
export interface Core extends Admin {
  readonly datasets: Datasets
  readonly documents: Documents
  readonly operations: Operations
  readonly drift: Drift
  readonly segments: Segments
  readonly spaceChanges: SpaceChanges
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
    readonly since: EventsSince
  }
}

/** A client; its connection is closed with the scope. */
export const makeSheaf = Effect.fnUntraced(
  function*(options: ClientOptions): Effect.fn.Return<Core, never, Scope.Scope> {
    const endpoint = makeEndpoint(options)
    const calls = makeCalls(endpoint, yield* makeConnection(endpoint))
    const http = makeHttp(endpoint)
    const uploads = makeUploads(endpoint, calls, http)
    const datasets = makeDatasets(calls)
    const idsOf = (refs: ReadonlyArray<DatasetRef>): Effect.Effect<ReadonlyArray<DatasetId>, ByName> =>
      Effect.forEach(refs, datasets.idOf, { concurrency: 4 })

    return {
      ...makeAdmin(calls, datasets),
      datasets,
      documents: makeDocuments({ calls, datasets, endpoint, http, uploads }),
      operations: makeOperations(calls, datasets),
      drift: makeDrift(calls),
      segments: makeSegments(calls),
      spaceChanges: makeSpaceChanges(calls, datasets),
      search: Effect.fnUntraced(function*({ datasets: refs, ...query }, options) {
        const only = refs && { datasetIds: yield* idsOf(refs) }
        return yield* calls.query("SearchQuery", { ...query, ...only }, options)
      }),
      events: {
        // The second form of the overload gives what the first one does, and snapshots when they are asked for.
        since: ((cursor?: string, options?: EventsOptions) =>
          eventsSince(
            { calls, endpoint },
            cursor as EventCursor | undefined,
            options?.dataset === undefined ? Effect.undefined : datasets.idOf(options.dataset),
            options?.onExpired
          )) as EventsSince
      }
    }
  }
)
