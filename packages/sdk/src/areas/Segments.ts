import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import type { Segment, SegmentOrigin } from "@sheaf/domain/segments/Segment"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, Page, PageOptions } from "../options.ts"
import { pageOf } from "./Datasets.ts"
import type { Feed } from "../streams/Feed.ts"
import { everyItem } from "./pages.ts"
import { type SegmentEdits, segmentEdits } from "./segmentEdits.ts"
import { type SegmentSwitches, segmentSwitches } from "./visibility.ts"

export interface SegmentsListOptions extends PageOptions, CallOptions {
  readonly documentId: string
  /** Only the children of this one; `null`: only segments that are no children. */
  readonly parentId?: string | null
  readonly enabled?: boolean
  readonly origin?: SegmentOrigin
  readonly indexState?: Segment["indexState"]
  /** Part of the text, whatever the case. */
  readonly text?: string
  readonly withTotal?: boolean
}

/** The pieces of a document's published version. */
export interface Segments extends SegmentSwitches, SegmentEdits {
  /** One page, in reading order. */
  readonly list: (options: SegmentsListOptions) => Effect.Effect<Page<Segment>, CallError<"SegmentsList">>
  readonly all: (options: SegmentsListOptions) => Feed<Segment, CallError<"SegmentsList">>
  readonly get: (
    segment: { readonly documentId: string; readonly segmentId: string },
    options?: CallOptions
  ) => Effect.Effect<Segment, CallError<"SegmentsGet">>
}

export const makeSegments = (calls: Calls): Segments => {
  const list: Segments["list"] = ({ cursor, documentId, limit, parentId, timeout, ...filter }) =>
    calls.query("SegmentsList", {
      ...filter,
      documentId: documentId as DocumentId,
      ...(parentId !== undefined && { parentId: parentId as SegmentId | null }),
      ...pageOf({ cursor, limit })
    }, timeout === undefined ? {} : { timeout })
  return {
    ...segmentSwitches(calls),
    ...segmentEdits(calls),
    list,
    all: (options) => everyItem(list, options),
    get: ({ documentId, segmentId }, options) =>
      calls.query("SegmentsGet", {
        documentId: documentId as DocumentId,
        segmentId: segmentId as SegmentId
      }, options)
  }
}
