import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DocumentNotFound, StateConflict } from "../documents/errors.ts"
import { IndexToken } from "../documents/indexToken.ts"
import { BadRequest, Conflict, QuotaExceeded } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DocumentId, SegmentChangeId, SegmentId } from "../ids.ts"
import { TextTooLong } from "./errors.ts"
import { Keywords, Segment } from "./Segment.ts"
import { SegmentChange } from "./SegmentChange.ts"
import { SegmentNotFound } from "./errors.ts"

/** Cleaned as the text of documents is. Its tokens are what counts; this bounds only what is sent. */
const Text = Schema.String.check(Schema.isMaxLength(65_536))
const HeadingPath = Schema.Array(Schema.String.check(Schema.isMaxLength(1_000))).check(Schema.isMaxLength(20))

/**
 * The segment as it is now. The text that it had before is not found any more; searches find what it has now when the index has it too,
 * and `indexToken` is what a search can wait for.
 */
const Changed = Schema.Struct({ segment: Segment, indexToken: IndexToken })

const refused = Schema.Union([DocumentNotFound, SegmentNotFound, StateConflict, TextTooLong, BadRequest, QuotaExceeded])

/** Changes of a document's published version by hand. Later runs do them again, unless they are told to discard them. */
export class SegmentChangesRpcs extends RpcGroup.make(
  mutation("SegmentsAdd", {
    payload: {
      documentId: DocumentId,
      text: Text,
      /** What it follows; `null`: it is the first. Default: it is the last, or the last child of its parent. */
      after: Schema.optionalKey(Schema.NullOr(SegmentId)),
      keywords: Schema.optionalKey(Keywords),
      headingPath: Schema.optionalKey(HeadingPath),
      /** Makes it a child, which goes when its parent goes, and is found with the text of its parent. Parents are no children. */
      parentId: Schema.optionalKey(SegmentId)
    },
    success: Changed,
    error: refused
  }),
  /**
   * What is left out stays. Another text or heading path makes another segment, with another id, in the place, with the flag, the
   * keywords and the children of the one before. Back to the text that it was cut with, it is that segment again.
   */
  mutation("SegmentsEdit", {
    payload: {
      documentId: DocumentId,
      segmentId: SegmentId,
      text: Schema.optionalKey(Text),
      headingPath: Schema.optionalKey(HeadingPath),
      keywords: Schema.optionalKey(Keywords),
      /** Set: the segment must still be at this `version`, else the answer is `Conflict`. */
      ifVersion: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
    },
    success: Changed,
    error: Schema.Union([...refused.members, Conflict])
  }),
  /** Not found any more when this returns, nor are their children. Deleting again what is gone is fine, and said in `missing`. */
  mutation("SegmentsDelete", {
    payload: {
      documentId: DocumentId,
      segmentIds: Schema.Array(SegmentId).check(Schema.isBetweenLength(1, 1_000))
    },
    success: Schema.Struct({
      /** These, and all of their children. */
      deleted: Schema.Array(SegmentId),
      /** The published version does not have them. */
      missing: Schema.Array(SegmentId),
      indexToken: IndexToken
    }),
    error: Schema.Union([DocumentNotFound, StateConflict, QuotaExceeded])
  }),
  /** What was done to a document's segments by hand, oldest first; also what the newest version had to be built without. */
  Rpc.make("SegmentsChanges", {
    payload: {
      documentId: DocumentId,
      /** Only those in conflict, or only those that are not. */
      conflict: Schema.optionalKey(Schema.Boolean),
      ...PageFields
    },
    success: Page(SegmentChange),
    error: Schema.Union([DocumentNotFound, BadRequest])
  }),
  /** Forgets changes that are in conflict, so that no later run tries them again. Answers which of these were there. */
  mutation("SegmentsForgetChanges", {
    payload: {
      documentId: DocumentId,
      changeIds: Schema.Array(SegmentChangeId).check(Schema.isBetweenLength(1, 1_000))
    },
    success: Schema.Struct({ forgotten: Schema.Array(SegmentChangeId) }),
    error: DocumentNotFound
  })
) {}
