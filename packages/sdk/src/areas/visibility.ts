import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError, Success } from "../connection/rpc.ts"
import type { MutationOptions } from "../options.ts"

export interface VisibilityOptions extends MutationOptions {
  /** Fails with `Conflict` if it is not at this `version` any more. Of segments only where one is named. */
  readonly ifVersion?: number
}

/** Segments of one document, up to 10,000. */
export interface SegmentsNamed {
  readonly documentId: string
  readonly segmentIds: ReadonlyArray<string>
}

/** `indexToken` is what a search can wait for: `search({ text, waitFor: indexToken })`. */
export type DocumentVisibility = Success<"DocumentsEnable">
export type SegmentsVisibility = Success<"SegmentsEnable">

type SetDocument = (
  documentId: string,
  options?: VisibilityOptions
) => Effect.Effect<DocumentVisibility, CallError<"DocumentsEnable">>
type SetSegments = (
  segments: SegmentsNamed,
  options?: VisibilityOptions
) => Effect.Effect<SegmentsVisibility, CallError<"SegmentsEnable">>

/** What readers see. Whatever is hidden is in no search that begins afterwards; what is shown is found when the index has it. */
export interface DocumentSwitches {
  readonly enable: SetDocument
  readonly disable: SetDocument
  readonly archive: SetDocument
  readonly unarchive: SetDocument
}
export interface SegmentSwitches {
  readonly enable: SetSegments
  readonly disable: SetSegments
}

export const documentSwitches = (calls: Calls): DocumentSwitches => {
  const set =
    (operation: "DocumentsEnable" | "DocumentsDisable" | "DocumentsArchive" | "DocumentsUnarchive"): SetDocument =>
    (documentId, { ifVersion, ...options } = {}) =>
      calls.mutate(
        operation,
        { documentId: documentId as DocumentId, ...(ifVersion !== undefined && { ifVersion }) },
        options
      )
  return {
    enable: set("DocumentsEnable"),
    disable: set("DocumentsDisable"),
    archive: set("DocumentsArchive"),
    unarchive: set("DocumentsUnarchive")
  }
}

export const segmentSwitches = (calls: Calls): SegmentSwitches => {
  const set =
    (operation: "SegmentsEnable" | "SegmentsDisable"): SetSegments =>
    ({ documentId, segmentIds }, { ifVersion, ...options } = {}) =>
      calls.mutate(operation, {
        documentId: documentId as DocumentId,
        segmentIds: segmentIds as ReadonlyArray<SegmentId>,
        ...(ifVersion !== undefined && { ifVersion })
      }, options)
  return { enable: set("SegmentsEnable"), disable: set("SegmentsDisable") }
}
