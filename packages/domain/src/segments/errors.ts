import { Schema } from "effect"
import { SegmentId } from "../ids.ts"

export class SegmentNotFound extends Schema.TaggedError<SegmentNotFound>()("SegmentNotFound", {
  segmentId: SegmentId
}) {
  override get message() {
    return `There is no segment ${this.segmentId} in a published version that this key may see.`
  }
}

/** A segment is never longer than its space allows, and nothing is truncated. */
export class TextTooLong extends Schema.TaggedError<TextTooLong>()("TextTooLong", {
  /** Of the text and the titles above it, as the embedder counts. */
  tokens: Schema.Int,
  limit: Schema.Int
}) {
  override get message() {
    return `The text, with the titles above it, has ${this.tokens} tokens; a segment may have ${this.limit}. Add it in several segments.`
  }
}
