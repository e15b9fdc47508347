import { Schema } from "effect"

// What can come of a call to Notion. `detail` is Notion's own sentence where there is one, never longer than 500 characters, and
// never holds a token.

/** 401: the token is wrong, or was taken back. Nothing works with it again. */
export class NotionUnauthorized extends Schema.TaggedError<NotionUnauthorized>()("NotionUnauthorized", {
  detail: Schema.String
}) {
  override get message() {
    return `Notion does not accept the token: ${this.detail}`
  }
}

/** 403: the integration lacks a capability (it may not read content, or users). */
export class NotionRestricted extends Schema.TaggedError<NotionRestricted>()("NotionRestricted", {
  detail: Schema.String
}) {
  override get message() {
    return `Notion does not let the integration do this: ${this.detail} Look at its capabilities in Notion's settings.`
  }
}

/** 404: there is no such page, block or database, or it is not shared with the integration. Notion does not say which. */
export class NotionNotFound extends Schema.TaggedError<NotionNotFound>()("NotionNotFound", {
  what: Schema.Literals(["page", "database", "block"]),
  id: Schema.String
}) {
  override get message() {
    return `Notion has no ${this.what} ${this.id}, or it is not shared with the integration. Share it in Notion: "Connections" in its menu.`
  }
}

/** 429, or 529: not before `retryAfterMs` have passed, and that is longer than the caller wanted to wait. */
export class NotionRateLimited extends Schema.TaggedError<NotionRateLimited>()("NotionRateLimited", {
  retryAfterMs: Schema.Int
}) {
  override get message() {
    return `Notion wants to be left alone for ${Math.ceil(this.retryAfterMs / 1_000)} s.`
  }
}

/** 400 and whatever else says that the question itself is wrong: asking again does not help. */
export class NotionInvalid extends Schema.TaggedError<NotionInvalid>()("NotionInvalid", {
  /** Notion's own, like `validation_error`. */
  code: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `Notion refuses what it was asked (${this.code}): ${this.detail}`
  }
}

/** No answer, 409 or 5xx, after several tries. It may work later. */
export class NotionUnavailable extends Schema.TaggedError<NotionUnavailable>()("NotionUnavailable", {
  detail: Schema.String
}) {
  override get message() {
    return `Notion cannot be reached: ${this.detail}`
  }
}

/** One call took longer than `limitMs`, after several tries. It may work later. */
export class NotionTimedOut extends Schema.TaggedError<NotionTimedOut>()("NotionTimedOut", { limitMs: Schema.Int }) {
  override get message() {
    return `Notion did not answer within ${this.limitMs / 1_000} s.`
  }
}

/**
 * An answer that is not what Notion's documentation says: no JSON, cut off, without what must be there, or one that promises more and does
 * not say where. Never taken for the end of a list.
 */
export class NotionMalformed extends Schema.TaggedError<NotionMalformed>()("NotionMalformed", {
  detail: Schema.String
}) {
  override get message() {
    return `Notion's answer cannot be understood: ${this.detail}`
  }
}

/** More than we take from one page, or than Notion shows of one list. */
export class NotionTooLarge extends Schema.TaggedError<NotionTooLarge>()("NotionTooLarge", {
  what: Schema.String,
  limit: Schema.Int
}) {
  override get message() {
    return `It is too large: more than ${this.limit} ${this.what}. Split it in Notion.`
  }
}

export type NotionError =
  | NotionUnauthorized
  | NotionRestricted
  | NotionNotFound
  | NotionRateLimited
  | NotionInvalid
  | NotionUnavailable
  | NotionTimedOut
  | NotionMalformed
  | NotionTooLarge

/** Whether the same call may succeed later without anybody changing anything. */
export const isRetryable = (error: NotionError): boolean =>
  error._tag === "NotionRateLimited" || error._tag === "NotionUnavailable" || error._tag === "NotionTimedOut" ||
  error._tag === "NotionMalformed"
