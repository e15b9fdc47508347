import type { SyncRules, SyncSource } from "@sheaf/domain/syncs/Source"
import type { Sync } from "@sheaf/domain/syncs/Sync"
import type { SyncItem, SyncItemResult } from "@sheaf/domain/syncs/SyncItem"
import type {
  BeginSync,
  SyncImport,
  SyncItemsOptions,
  SyncResultsOptions,
  SyncsListOptions,
  SyncSourcesOptions
} from "../areas/Syncs.ts"
import type { CallOptions, MutationOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** Datasets that follow what lies elsewhere. */
export interface SyncsClient {
  /** Makes documents of pages, which the dataset follows from now on. */
  import(what: SyncImport, options?: Mutation): Promise<Sync>
  /** Compares with the source. The server carries it out, whatever becomes of this program. */
  begin(sourceId: string, what?: BeginSync, options?: Mutation): Promise<Sync>
  get(syncId: string, options?: CallOptions & Abortable): Promise<Sync>
  /** Waits until it is over, and what it began is built. Items that failed are no error: they are counted. */
  finished(syncId: string, options?: { readonly onProgress?: (sync: Sync) => void } & Abortable): Promise<Sync>
  /** Newest first. */
  list(options?: SyncsListOptions & Abortable): PageCall<Sync>
  /** What became of each item that was looked at. */
  results(syncId: string, options?: SyncResultsOptions & Abortable): PageCall<SyncItemResult>
  /** Items whose turn has not come are left as they are. */
  cancel(syncId: string, options?: Mutation): Promise<Sync>
  /** What datasets follow. */
  sources(options?: SyncSourcesOptions & Abortable): PageCall<SyncSource>
  update(sourceId: string, rules: Partial<SyncRules>, options?: Mutation): Promise<SyncSource>
  /** The dataset follows it no longer; its documents stay as they are. */
  unfollow(sourceId: string, options?: Mutation): Promise<void>
  /** The pages that a source follows. */
  items(sourceId: string, options?: SyncItemsOptions & Abortable): PageCall<SyncItem>
  /** Its document stays as it is, whatever becomes of the page. */
  pause(itemId: string, options?: Mutation): Promise<SyncItem>
  resume(itemId: string, options?: Mutation): Promise<SyncItem>
}

export const syncsOf = (runner: Runner): SyncsClient => ({
  import(what, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.import(what, options), options)
  },
  begin(sourceId, what, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.begin(sourceId, what, options), options)
  },
  get(syncId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.get(syncId, options), options)
  },
  finished(syncId, { signal, ...options } = {}) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.finished(syncId, options), { signal })
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.syncs, options ?? {})
  },
  results(syncId, options) {
    return pages(runner, ({ syncs }) => ({
      list: (page) => syncs.results(syncId, page),
      all: (page) => syncs.everyResult(syncId, page)
    }), options ?? {})
  },
  cancel(syncId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.cancel(syncId, options), options)
  },
  sources(options) {
    return pages(runner, ({ syncs }) => ({ list: syncs.sources, all: syncs.everySource }), options ?? {})
  },
  update(sourceId, rules, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.update(sourceId, rules, options), options)
  },
  unfollow(sourceId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.unfollow(sourceId, options), options)
  },
  items(sourceId, options) {
    return pages(runner, ({ syncs }) => ({
      list: (page) => syncs.items(sourceId, page),
      all: (page) => syncs.everyItem(sourceId, page)
    }), options ?? {})
  },
  pause(itemId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.pause(itemId, options), options)
  },
  resume(itemId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.syncs.resume(itemId, options), options)
  }
})
