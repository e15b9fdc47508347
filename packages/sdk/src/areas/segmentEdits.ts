import type { DocumentId, SegmentChangeId, SegmentId } from "@sheaf/domain/ids"
import type { SegmentChange } from "@sheaf/domain/segments/SegmentChange"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError, Success } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"
import type { SegmentsNamed } from "./visibility.ts"

export interface SegmentToAdd {
  readonly documentId: string
  readonly text: string
  /** What it follows; `null`: it is the first. Default: it is the last, or the last child of its parent. */
  readonly after?: string | null
  /** Makes it a child of this one. */
  readonly parentId?: string
  /** Titles above it, outermost first. */
  readonly headingPath?: ReadonlyArray<string>
  /** Up to 10 words by which it is found, of up to 64 characters. */
  readonly keywords?: ReadonlyArray<string>
}

/** What is left out stays as it is. */
export interface SegmentToEdit extends Partial<Pick<SegmentToAdd, "text" | "headingPath" | "keywords">> {
  readonly documentId: string
  readonly segmentId: string
  /** Fails with `Conflict` if it is not at this `version` any more. */
  readonly ifVersion?: number
}

export interface SegmentChangesOptions extends PageOptions, CallOptions {
  readonly documentId: string
  /** Only those that the newest version had to do without, or only the others. */
  readonly conflict?: boolean
}

/** Changes of published versions by hand. `indexToken` is what a search can wait for: `search({ text, waitFor: indexToken })`. */
export interface SegmentEdits {
  readonly add: (
    segment: SegmentToAdd,
    options?: MutationOptions
  ) => Effect.Effect<Success<"SegmentsAdd">, CallError<"SegmentsAdd">>
  /** Another text makes another segment in its place: go on with the `id` that is answered. */
  readonly edit: (
    segment: SegmentToEdit,
    options?: MutationOptions
  ) => Effect.Effect<Success<"SegmentsEdit">, CallError<"SegmentsEdit">>
  /** With their children; up to 1,000. Whatever is not there is answered as `missing`. */
  readonly delete: (
    segments: SegmentsNamed,
    options?: MutationOptions
  ) => Effect.Effect<Success<"SegmentsDelete">, CallError<"SegmentsDelete">>
  /** What was changed by hand, and what became of it. */
  readonly changes: (
    options: SegmentChangesOptions
  ) => Effect.Effect<Page<SegmentChange>, CallError<"SegmentsChanges">>
  readonly everyChange: (options: SegmentChangesOptions) => Feed<SegmentChange, CallError<"SegmentsChanges">>
  /** Later runs do not try these conflicts again. */
  readonly forgetChanges: (
    changes: { readonly documentId: string; readonly changeIds: ReadonlyArray<string> },
    options?: MutationOptions
  ) => Effect.Effect<Success<"SegmentsForgetChanges">, CallError<"SegmentsForgetChanges">>
}

export const segmentEdits = (calls: Calls): SegmentEdits => {
  const changes: SegmentEdits["changes"] = ({ conflict, cursor, documentId, limit, ...options }) =>
    calls.query("SegmentsChanges", {
      documentId: documentId as DocumentId,
      ...(conflict !== undefined && { conflict }),
      ...pageOf({ cursor, limit })
    }, options)
  return {
    // Ids are what the server has given: it says so if they are not.
    add: (segment, options) => calls.mutate("SegmentsAdd", segment as Ids<typeof segment>, options),
    edit: (segment, options) => calls.mutate("SegmentsEdit", segment as Ids<typeof segment>, options),
    delete: (segments, options) => calls.mutate("SegmentsDelete", segments as Ids<typeof segments>, options),
    changes,
    everyChange: (options) => everyItem(changes, options),
    forgetChanges: ({ changeIds, documentId }, options) =>
      calls.mutate("SegmentsForgetChanges", {
        documentId: documentId as DocumentId,
        changeIds: changeIds as ReadonlyArray<SegmentChangeId>
      }, options)
  }
}

interface Branded {
  readonly documentId: DocumentId
  readonly segmentId: SegmentId
  readonly segmentIds: ReadonlyArray<SegmentId>
  readonly parentId: SegmentId
  readonly after: SegmentId | null
}

/** The same with ids as the contract names them. */
type Ids<Fields> = { readonly [Name in keyof Fields]: Name extends keyof Branded ? Branded[Name] : Fields[Name] }
