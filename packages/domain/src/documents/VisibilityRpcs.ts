import { Schema } from "effect"
import { RpcGroup } from "effect/rpc"
import { BadRequest, Conflict } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { DocumentId, SegmentId } from "../ids.ts"
import { Document } from "./Document.ts"
import { DocumentNotFound } from "./errors.ts"
import { IndexToken } from "./indexToken.ts"

const version = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const document = {
  payload: {
    documentId: DocumentId,
    /** Set: the document must still be at this `version`, else the answer is `Conflict`. */
    ifVersion: Schema.optionalKey(version)
  },
  success: Schema.Struct({
    document: Document,
    /** It was otherwise before. */
    changed: Schema.Boolean,
    /** What a search can wait for: the index follows. */
    indexToken: IndexToken
  }),
  error: Schema.Union([DocumentNotFound, Conflict])
} as const

const segments = {
  payload: {
    documentId: DocumentId,
    segmentIds: Schema.Array(SegmentId).check(Schema.isBetweenLength(1, 10_000)),
    /** Of the segment, where one is named: it must still be at this `version`, else the answer is `Conflict`. */
    ifVersion: Schema.optionalKey(version)
  },
  success: Schema.Struct({
    /** How many were otherwise before. */
    changed: Schema.Int,
    /** The published version does not have them. */
    missing: Schema.Array(SegmentId),
    /** What a search can wait for: the index follows. */
    indexToken: IndexToken
  }),
  error: Schema.Union([DocumentNotFound, Conflict, BadRequest])
} as const

/**
 * What readers may see. A segment is seen if it is enabled and its document is enabled and not archived: three flags, and setting one
 * never touches another. What is hidden is seen by no search that begins after the answer. What is shown is found when the index has it:
 * the `indexState` of document and segment says so, and a search waits for it with the `indexToken`. Setting what is set is fine.
 */
export class VisibilityRpcs extends RpcGroup.make(
  mutation("DocumentsEnable", document),
  mutation("DocumentsDisable", document),
  /** Like disabling, with another word for people: it is put away, not switched off. */
  mutation("DocumentsArchive", document),
  mutation("DocumentsUnarchive", document),
  mutation("SegmentsEnable", segments),
  mutation("SegmentsDisable", segments)
) {}
