import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import type { Segment } from "@sheaf/domain/segments/Segment"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, Page, PageOptions } from "../options.ts"
import { pageOf } from "./Datasets.ts"
import type { Feed } from "../streams/Feed.ts"
import { everyItem } from "./pages.ts"
import { type SegmentSwitches, segmentSwitches } from "./visibility.ts"

export interface SegmentsListOptions extends PageOptions, CallOptions {
  readonly documentId: string
  readonly withTotal?: boolean
}

/** The pieces of a document's published version. */
export interface Segments extends SegmentSwitches {
  /** One page, in reading order. */
  readonly list: (options: SegmentsListOptions) => Effect.Effect<Page<Segment>, CallError<"SegmentsList">>
  readonly all: (options: SegmentsListOptions) => Feed<Segment, CallError<"SegmentsList">>
  readonly get: (
    segment: { readonly documentId: string; readonly segmentId: string },
    options?: CallOptions
  ) => Effect.Effect<Segment, CallError<"SegmentsGet">>
}

export const makeSegments = (calls: Calls): Segments => {
  const list: Segments["list"] = ({ cursor, documentId, limit, withTotal, ...options }) =>
    calls.query("SegmentsList", {
      documentId: documentId as DocumentId,
      ...(withTotal !== undefined && { withTotal }),
      ...pageOf({ cursor, limit })
    }, options)
  return {
    ...segmentSwitches(calls),
    list,
    all: (options) => everyItem(list, options),
    get: ({ documentId, segmentId }, options) =>
      calls.query("SegmentsGet", {
        documentId: documentId as DocumentId,
        segmentId: segmentId as SegmentId
      }, options)
  }
}
