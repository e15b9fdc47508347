import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DocumentNotFound } from "../documents/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DocumentId, SegmentId } from "../ids.ts"
import { Segment } from "./Segment.ts"

export class SegmentNotFound extends Schema.TaggedError<SegmentNotFound>()("SegmentNotFound", {
  segmentId: SegmentId
}) {
  override get message() {
    return `There is no segment ${this.segmentId} in a published version that this key may see.`
  }
}

export class SegmentsRpcs extends RpcGroup.make(
  /** The published version's segments, in reading order. */
  Rpc.make("SegmentsList", {
    payload: { documentId: DocumentId, withTotal: Schema.optionalKey(Schema.Boolean), ...PageFields },
    success: Page(Segment),
    error: Schema.Union([DocumentNotFound, BadRequest])
  }),
  Rpc.make("SegmentsGet", {
    payload: { documentId: DocumentId, segmentId: SegmentId },
    success: Segment,
    error: Schema.Union([DocumentNotFound, SegmentNotFound])
  })
) {}
