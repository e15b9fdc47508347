import type { ConnectionId, DatasetId, DocumentId, SyncId, SyncItemId, SyncSourceId } from "@sheaf/domain/ids"
import type { SyncRules, SyncSelection, SyncSource } from "@sheaf/domain/syncs/Source"
import type { Sync } from "@sheaf/domain/syncs/Sync"
import type { SyncItem, SyncItemResult, SyncItemState } from "@sheaf/domain/syncs/SyncItem"
import type { ResultName } from "@sheaf/domain/syncs/SyncResult"
import { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, DatasetRef, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { type ByName, type Datasets, pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

export interface SyncImport extends Partial<SyncRules> {
  readonly connection: string
  readonly dataset: DatasetRef
  /** Default: everything that the connection sees. */
  readonly pages?: SyncSelection
}

export interface BeginSync {
  /** Up to 100 documents alone. Default: everything that the source follows. */
  readonly documents?: ReadonlyArray<string>
  /** It is known that many pages are gone. */
  readonly confirmMissing?: boolean
}

export interface SyncsListOptions extends PageOptions, CallOptions {
  readonly source?: string
}

export interface SyncResultsOptions extends PageOptions, CallOptions {
  readonly result?: ResultName
}

export interface SyncSourcesOptions extends PageOptions, CallOptions {
  readonly connection?: string
  readonly dataset?: string
}

export interface SyncItemsOptions extends PageOptions, CallOptions {
  readonly state?: ReadonlyArray<SyncItemState>
  readonly document?: string
}

/** Datasets that follow what lies elsewhere. */
export interface Syncs {
  /** Makes documents of pages, which the dataset follows from now on. */
  readonly import: (
    what: SyncImport,
    options?: MutationOptions
  ) => Effect.Effect<Sync, CallError<"SyncsImport"> | ByName>
  /** Compares with the source. The server carries it out, whatever becomes of this program. */
  readonly begin: (
    sourceId: string,
    what?: BeginSync,
    options?: MutationOptions
  ) => Effect.Effect<Sync, CallError<"SyncsBegin">>
  readonly get: (syncId: string, options?: CallOptions) => Effect.Effect<Sync, CallError<"SyncsGet">>
  /** Waits until it is over, and what it began is built. Items that failed are no error: they are counted. */
  readonly finished: (
    syncId: string,
    options?: { readonly onProgress?: (sync: Sync) => void }
  ) => Effect.Effect<Sync, CallError<"SyncsGet">>
  /** One page, newest first. */
  readonly list: (options?: SyncsListOptions) => Effect.Effect<Page<Sync>, CallError<"SyncsList">>
  readonly all: (options?: SyncsListOptions) => Feed<Sync, CallError<"SyncsList">>
  /** What became of each item that was looked at: one page. */
  readonly results: (
    syncId: string,
    options?: SyncResultsOptions
  ) => Effect.Effect<Page<SyncItemResult>, CallError<"SyncsResults">>
  readonly everyResult: (
    syncId: string,
    options?: SyncResultsOptions
  ) => Feed<SyncItemResult, CallError<"SyncsResults">>
  /** Items whose turn has not come are left as they are. */
  readonly cancel: (syncId: string, options?: MutationOptions) => Effect.Effect<Sync, CallError<"SyncsCancel">>
  /** What datasets follow: one page. */
  readonly sources: (options?: SyncSourcesOptions) => Effect.Effect<Page<SyncSource>, CallError<"SyncSourcesList">>
  readonly everySource: (options?: SyncSourcesOptions) => Feed<SyncSource, CallError<"SyncSourcesList">>
  readonly update: (
    sourceId: string,
    rules: Partial<SyncRules>,
    options?: MutationOptions
  ) => Effect.Effect<SyncSource, CallError<"SyncSourcesUpdate">>
  /** The dataset follows it no longer; its documents stay as they are. */
  readonly unfollow: (
    sourceId: string,
    options?: MutationOptions
  ) => Effect.Effect<void, CallError<"SyncSourcesDelete">>
  /** The pages that a source follows: one page. */
  readonly items: (
    sourceId: string,
    options?: SyncItemsOptions
  ) => Effect.Effect<Page<SyncItem>, CallError<"SyncItemsList">>
  readonly everyItem: (sourceId: string, options?: SyncItemsOptions) => Feed<SyncItem, CallError<"SyncItemsList">>
  /** Its document stays as it is, whatever becomes of the page. */
  readonly pause: (itemId: string, options?: MutationOptions) => Effect.Effect<SyncItem, CallError<"SyncItemsPause">>
  readonly resume: (itemId: string, options?: MutationOptions) => Effect.Effect<SyncItem, CallError<"SyncItemsResume">>
}

/** How long the server is asked to wait in one call. */
const patience = 2_000

export const makeSyncs = (calls: Calls, datasets: Datasets): Syncs => {
  const of = (syncId: string) => ({ syncId: syncId as SyncId })
  const from = (sourceId: string) => ({ sourceId: sourceId as SyncSourceId })
  const at = (itemId: string) => ({ itemId: itemId as SyncItemId })
  const list: Syncs["list"] = ({ cursor, limit, source, ...options } = {}) =>
    calls.query("SyncsList", { ...pageOf({ cursor, limit }), ...(source !== undefined && from(source)) }, options)
  const results: Syncs["results"] = (syncId, { cursor, limit, result, ...options } = {}) =>
    calls.query("SyncsResults", {
      ...of(syncId),
      ...pageOf({ cursor, limit }),
      ...(result !== undefined && { result })
    }, options)
  const sources: Syncs["sources"] = ({ connection, cursor, dataset, limit, ...options } = {}) =>
    calls.query("SyncSourcesList", {
      ...pageOf({ cursor, limit }),
      ...(connection !== undefined && { connectionId: connection as ConnectionId }),
      ...(dataset !== undefined && { datasetId: dataset as DatasetId })
    }, options)
  const items: Syncs["items"] = (sourceId, { cursor, document, limit, state, ...options } = {}) =>
    calls.query("SyncItemsList", {
      ...from(sourceId),
      ...pageOf({ cursor, limit }),
      ...(state !== undefined && { state }),
      ...(document !== undefined && { documentId: document as DocumentId })
    }, options)

  return {
    import: Effect.fnUntraced(function*({ connection, dataset, pages = "all", ...rules }, options) {
      const datasetId = yield* datasets.idOf(dataset)
      const what = { connectionId: connection as ConnectionId, datasetId, selection: pages, ...rules }
      return yield* calls.mutate("SyncsImport", what, options)
    }),
    begin: (sourceId, { documents, ...what } = {}, options) =>
      calls.mutate("SyncsBegin", {
        ...from(sourceId),
        ...what,
        ...(documents !== undefined && { documentIds: documents as ReadonlyArray<DocumentId> })
      }, options),
    get: (syncId, options) => calls.query("SyncsGet", of(syncId), options),
    finished: Effect.fnUntraced(function*(syncId, { onProgress } = {}) {
      for (let waitMs = 0;; waitMs = patience) {
        const sync: Sync = yield* calls.query("SyncsGet", { ...of(syncId), waitMs })
        onProgress?.(sync)
        if (sync.finishedAt !== null && sync.building === 0) return sync
        // Runs are not waited for by the server.
        if (sync.finishedAt !== null) yield* Effect.sleep(250)
      }
    }),
    list,
    all: (options = {}) => everyItem(list, options),
    results,
    everyResult: (syncId, options = {}) => everyItem((page: SyncResultsOptions) => results(syncId, page), options),
    cancel: (syncId, options) => calls.mutate("SyncsCancel", of(syncId), options),
    sources,
    everySource: (options = {}) => everyItem(sources, options),
    update: (sourceId, rules, options) => calls.mutate("SyncSourcesUpdate", { ...from(sourceId), ...rules }, options),
    unfollow: (sourceId, options) => calls.mutate("SyncSourcesDelete", from(sourceId), options),
    items,
    everyItem: (sourceId, options = {}) => everyItem((page: SyncItemsOptions) => items(sourceId, page), options),
    pause: (itemId, options) => calls.mutate("SyncItemsPause", at(itemId), options),
    resume: (itemId, options) => calls.mutate("SyncItemsResume", at(itemId), options)
  }
}
