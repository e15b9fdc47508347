import type { SegmentChange } from "@sheaf/domain/segments/SegmentChange"
import type { SegmentChangesOptions, SegmentToAdd, SegmentToEdit } from "../areas/segmentEdits.ts"
import type { SegmentsNamed } from "../areas/visibility.ts"
import type { Success } from "../connection/rpc.ts"
import type { MutationOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** Changes of published versions by hand. `indexToken` is what a search can wait for: `search({ text, waitFor: indexToken })`. */
export interface SegmentEditsClient {
  add(segment: SegmentToAdd, options?: Mutation): Promise<Success<"SegmentsAdd">>
  /** Another text makes another segment in its place: go on with the `id` that is answered. */
  edit(segment: SegmentToEdit, options?: Mutation): Promise<Success<"SegmentsEdit">>
  /** With their children; up to 1,000. Whatever is not there is answered as `missing`. */
  delete(segments: SegmentsNamed, options?: Mutation): Promise<Success<"SegmentsDelete">>
  /** What was changed by hand, and what became of it. */
  changes(options: SegmentChangesOptions & Abortable): PageCall<SegmentChange>
  /** Later runs do not try these conflicts again. */
  forgetChanges(
    changes: { readonly documentId: string; readonly changeIds: ReadonlyArray<string> },
    options?: Mutation
  ): Promise<Success<"SegmentsForgetChanges">>
}

export const segmentEditsOf = (runner: Runner): SegmentEditsClient => ({
  add(segment, options) {
    return runner.run(callSite(), (sheaf) => sheaf.segments.add(segment, options), options)
  },
  edit(segment, options) {
    return runner.run(callSite(), (sheaf) => sheaf.segments.edit(segment, options), options)
  },
  delete(segments, options) {
    return runner.run(callSite(), (sheaf) => sheaf.segments.delete(segments, options), options)
  },
  changes(options) {
    return pages(runner, ({ segments }) => ({ list: segments.changes, all: segments.everyChange }), options)
  },
  forgetChanges(changes, options) {
    return runner.run(callSite(), (sheaf) => sheaf.segments.forgetChanges(changes, options), options)
  }
})
