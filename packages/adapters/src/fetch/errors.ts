import { Schema } from "effect"

/** A URL that is never fetched, whoever asks. Says nothing of what was found out about the network behind it. */
export class UrlRefused extends Schema.TaggedError<UrlRefused>()("UrlRefused", { detail: Schema.String }) {
  override get message() {
    return this.detail
  }
}

/** The server behind a URL did not give what it was asked for. */
export class FetchFailed extends Schema.TaggedError<FetchFailed>()("FetchFailed", {
  detail: Schema.String,
  isRetryable: Schema.Boolean
}) {
  override get message() {
    return this.detail
  }
}

export class FetchTooLarge extends Schema.TaggedError<FetchTooLarge>()("FetchTooLarge", { limit: Schema.Finite }) {
  override get message() {
    return `more than ${this.limit} bytes`
  }
}
