import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DocumentNotFound } from "../documents/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DocumentId, SegmentId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { SegmentNotFound } from "./errors.ts"
import { IndexState } from "./IndexState.ts"
import { Segment, SegmentOrigin } from "./Segment.ts"

export class SegmentsRpcs extends RpcGroup.make(
  /** The published version's segments, in reading order. */
  Rpc.make("SegmentsList", {
    payload: {
      documentId: DocumentId,
      /** Only the children of this one; `null`: only segments that are no children. */
      parentId: Schema.optionalKey(Schema.NullOr(SegmentId)),
      enabled: Schema.optionalKey(Schema.Boolean),
      origin: Schema.optionalKey(SegmentOrigin),
      indexState: Schema.optionalKey(IndexState),
      /** Part of the text, whatever the case. */
      text: Schema.optionalKey(Schema.String.check(Schema.isBetweenLength(1, 200), isStorable)),
      withTotal: Schema.optionalKey(Schema.Boolean),
      ...PageFields
    },
    success: Page(Segment),
    error: Schema.Union([DocumentNotFound, BadRequest])
  }),
  Rpc.make("SegmentsGet", {
    payload: { documentId: DocumentId, segmentId: SegmentId },
    success: Segment,
    error: Schema.Union([DocumentNotFound, SegmentNotFound])
  })
) {}
