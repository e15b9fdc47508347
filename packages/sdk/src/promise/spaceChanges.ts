import type { SpaceChange } from "@sheaf/domain/spaces/SpaceChange"
import type { SpaceChangesListOptions } from "../areas/SpaceChanges.ts"
import type { CallOptions, DatasetRef, MutationOptions } from "../options.ts"
import { PageCall } from "./PageCall.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** Moves of datasets to other embedding models. */
export interface SpaceChangesClient {
  /** Begins to move a dataset to the space of the server's embedder, or of another that it has. The old one serves meanwhile. */
  start(dataset: DatasetRef, options?: Mutation & { readonly spaceId?: string }): Promise<SpaceChange>
  get(changeId: string, options?: CallOptions & Abortable): Promise<SpaceChange>
  /** Of a dataset, the newest first. */
  list(options: SpaceChangesListOptions & Abortable): PageCall<SpaceChange>
  pause(changeId: string, options?: Mutation): Promise<SpaceChange>
  resume(changeId: string, options?: Mutation): Promise<SpaceChange>
  /** Final: what was built is removed. */
  cancel(changeId: string, options?: Mutation): Promise<SpaceChange>
  /** Begins a failed one again. */
  retry(changeId: string, options?: Mutation): Promise<SpaceChange>
}

export const spaceChangesOf = (runner: Runner): SpaceChangesClient => ({
  start(dataset, options) {
    return runner.run(callSite(), (sheaf) => sheaf.spaceChanges.start(dataset, options), options)
  },
  get(changeId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.spaceChanges.get(changeId, options), options)
  },
  list({ signal, ...options }) {
    const site = callSite()
    return new PageCall(
      () => runner.run(site, (sheaf) => sheaf.spaceChanges.list(options), { signal }),
      () => runner.iterate(site, (sheaf) => sheaf.spaceChanges.all(options), { signal })
    )
  },
  pause(changeId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.spaceChanges.pause(changeId, options), options)
  },
  resume(changeId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.spaceChanges.resume(changeId, options), options)
  },
  cancel(changeId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.spaceChanges.cancel(changeId, options), options)
  },
  retry(changeId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.spaceChanges.retry(changeId, options), options)
  }
})
