import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { DocumentId, SegmentChangeId, SegmentId } from "../ids.ts"
import { Timestamp } from "../time.ts"

/** What was done by hand to a segment that was cut from the document, or `added` without one. */
export const SegmentChangeKind = Schema.Literals(["edited", "deleted", "added"])
export type SegmentChangeKind = typeof SegmentChangeKind.Type

/**
 * Why a run could not do a change again: the segment that it changed is not cut from the document any more (`original-gone`), or the one
 * that it is a child of is not there (`parent-gone`).
 */
export const EditConflictReason = Schema.Literals(["original-gone", "parent-gone"])
export type EditConflictReason = typeof EditConflictReason.Type

/** A change by hand that is not in the version that a run has built. It is kept, and tried again by the next run. */
export const EditConflict = Schema.Struct({
  changeId: SegmentChangeId,
  kind: SegmentChangeKind,
  reason: EditConflictReason,
  /** What was changed; `null` for an added segment. */
  originalId: Schema.NullOr(SegmentId),
  /** How the text by hand begins; empty for a deletion. */
  excerpt: Schema.String
})
export type EditConflict = typeof EditConflict.Type

/** What somebody did to a segment by hand, and what every later run does again. */
export class SegmentChange extends Schema.Class<SegmentChange>("@sheaf/domain/segments/SegmentChange/SegmentChange")({
  id: SegmentChangeId,
  documentId: DocumentId,
  kind: SegmentChangeKind,
  /** The segment that was cut from the document; `null` for an added one. */
  originalId: Schema.NullOr(SegmentId),
  /** What stands in its place; `null` for a deletion, and while it is in conflict. */
  segmentId: Schema.NullOr(SegmentId),
  /** `true`: the newest version is without it. */
  conflict: Schema.Boolean,
  text: Schema.NullOr(Schema.String),
  headingPath: Schema.Array(Schema.String),
  actor: Actor,
  updatedAt: Timestamp
}) {}
