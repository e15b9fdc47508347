import { Schema } from "effect"

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
