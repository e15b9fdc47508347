import type { DatasetId } from "@sheaf/domain/ids"
import type { SearchRequest, SearchResult } from "@sheaf/domain/search/Search"
import { Effect, type Scope } from "effect"
import type { Admin } from "./areas/Admin.ts"
import type { Connections } from "./areas/Connections.ts"
import { type ByName, type Datasets, makeDatasets } from "./areas/Datasets.ts"
import { type Documents, makeDocuments } from "./areas/Documents.ts"
import type { Drift } from "./areas/Drift.ts"
import type { Imports } from "./areas/Imports.ts"
import { later } from "./areas/later.ts"
import type { Operations } from "./areas/Operations.ts"
import type { Annotations } from "./areas/Annotations.ts"
import type { Apps } from "./areas/Apps.ts"
import type { Pipelines } from "./areas/Pipelines.ts"
import type { Rest } from "./areas/rest.ts"
import type { Segments } from "./areas/Segments.ts"
import type { SpaceChanges } from "./areas/SpaceChanges.ts"
import type { Syncs } from "./areas/Syncs.ts"
import type { Notifications } from "./areas/Notifications.ts"
import type { Webhooks } from "./areas/Webhooks.ts"
import { makeCalls, partMissing } from "./connection/Calls.ts"
import { makeConnection } from "./connection/Connection.ts"
import { makeEndpoint } from "./connection/Endpoint.ts"
import { makeHttp } from "./connection/Http.ts"
import { loadRest } from "./connection/rest.ts"
import type { CallError } from "./connection/rpc.ts"
import type { CallOptions, ClientOptions, DatasetRef } from "./options.ts"
import type { EventsSince } from "./streams/events.ts"
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
  readonly imports: Imports
  readonly operations: Operations
  readonly drift: Drift
  readonly connections: Connections
  readonly pipelines: Pipelines
  readonly apps: Apps
  readonly annotations: Annotations
  readonly segments: Segments
  readonly spaceChanges: SpaceChanges
  readonly syncs: Syncs
  readonly webhooks: Webhooks
  readonly notifications: Notifications
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
    const services = { calls, datasets, endpoint, http, uploads }
    let made: Rest | undefined
    const rest = Effect.mapBoth(loadRest, {
      onFailure: () => partMissing(endpoint),
      onSuccess: ({ makeRest }) => made ??= makeRest(services)
    })
    const area = <Name extends keyof Rest>(name: Name) => Effect.map(rest, (areas) => areas[name])
    const idsOf = (refs: ReadonlyArray<DatasetRef>): Effect.Effect<ReadonlyArray<DatasetId>, ByName> =>
      Effect.forEach(refs, datasets.idOf, { concurrency: 4 })

    return {
      ...later(rest, ["info", "usage"]),
      datasets,
      documents: {
        ...makeDocuments(services),
        ...later(
          area("documents"),
          [
            "archive",
            "assets",
            "cancel",
            "citedPages",
            "disable",
            "download",
            "downloadAsset",
            "enable",
            "list",
            "pause",
            "preview",
            "previewText",
            "prioritise",
            "queue",
            "rename",
            "replace",
            "resume",
            "retry",
            "run",
            "runs",
            "setMetadata",
            "settings",
            "thumbnail",
            "unarchive"
          ],
          ["all", "everyAsset", "everyRun"]
        )
      },
      operations: later(
        area("operations"),
        ["begin", "cancel", "finished", "get", "items", "list"],
        ["all", "everyItem"]
      ),
      drift: later(area("drift"), ["list", "listEverywhere", "look", "lookEverywhere"], ["all", "allEverywhere"]),
      connections: later(
        area("connections"),
        ["check", "create", "delete", "disable", "enable", "get", "items", "list", "revoke", "update"],
        ["all", "everyItem"]
      ),
      imports: later(
        area("imports"),
        ["cancel", "create", "finished", "get", "list", "results", "rows"],
        ["all", "everyRow"]
      ),
      pipelines: later(area("pipelines"), ["create", "delete", "get", "list", "update"], ["all"]),
      notifications: later(area("notifications"), ["list", "mails", "subscribe", "unsubscribe"], ["all", "everyMail"]),
      webhooks: later(
        area("webhooks"),
        [
          "create",
          "delete",
          "deliveries",
          "disable",
          "enable",
          "get",
          "list",
          "redeliver",
          "rotate",
          "test",
          "update"
        ],
        ["all", "everyDelivery"]
      ),
      apps: later(area("apps"), ["archive", "create", "delete", "get", "list", "setReply", "unarchive", "update"], [
        "all"
      ]),
      annotations: later(
        area("annotations"),
        ["create", "delete", "get", "hits", "list", "match", "similar", "update"],
        ["all", "everyHit"]
      ),
      segments: later(
        area("segments"),
        ["add", "changes", "delete", "disable", "edit", "enable", "forgetChanges", "get", "list"],
        ["all", "everyChange"]
      ),
      spaceChanges: later(
        area("spaceChanges"),
        ["cancel", "get", "list", "pause", "resume", "retry", "start"],
        ["all"]
      ),
      syncs: later(
        area("syncs"),
        [
          "begin",
          "cancel",
          "finished",
          "get",
          "import",
          "items",
          "list",
          "pause",
          "results",
          "resume",
          "sources",
          "unfollow",
          "update"
        ],
        ["all", "everyItem", "everyResult", "everySource"]
      ),
      keys: later(area("keys"), ["create", "list", "own", "revoke"], ["all"]),
      tenants: later(
        area("tenants"),
        ["create", "delete", "list", "removals", "resume", "setLimits", "suspend", "usage"],
        ["all", "allRemovals"]
      ),
      deadLetters: later(area("deadLetters"), ["list", "requeue"], ["all"]),
      ingestEvents: later(area("ingestEvents"), ["list"], ["all"]),
      events: later(area("events"), [], ["since"]),
      search: Effect.fnUntraced(function*({ datasets: refs, ...query }, options) {
        const only = refs && { datasetIds: yield* idsOf(refs) }
        return yield* calls.query("SearchQuery", { ...query, ...only }, options)
      })
    }
  }
)
