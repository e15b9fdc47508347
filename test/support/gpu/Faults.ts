import { Schema } from "effect"

const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/**
 * What is wrong with the server. All of it can be changed while it runs (`PUT /faults`); what is left out is as it should be.
 */
export const Faults = Schema.Struct({
  /** Requests that do work are answered with this status instead. */
  status: Schema.optionalKey(Schema.Literals([400, 401, 404, 413, 422, 424, 429, 500, 503])),
  /** With it: as the header says, seconds or a date. */
  retryAfter: Schema.optionalKey(Schema.String),
  /** `never`: no answer. `half`: the connection breaks in the middle of one. `drop`: it breaks before one. */
  answer: Schema.optionalKey(Schema.Literals(["never", "half", "drop"])),
  /** What vectors are like; `poison` limits it to texts with the word. */
  vectors: Schema.optionalKey(Schema.Literals(["nan", "zero", "short"])),
  /** The last vector comes first; with the OpenAI protocol, the numbers come along. */
  reversed: Schema.optionalKey(Schema.Boolean),
  /** `status` and `answer` concern only requests with a text that has this word; `vectors` only that text. */
  poison: Schema.optionalKey(Schema.String),
  /** Another model is at work, under its own name or, `silently`, under the first one's. */
  model: Schema.optionalKey(Schema.Struct({ name: Schema.String, silently: Schema.Boolean })),
  /** Milliseconds that one batch takes, instead of the usual. */
  latency: Schema.optionalKey(count),
  /** Only so many requests go wrong; then all is well. */
  times: Schema.optionalKey(count),
  /** What else than embedding fails: `/info`, `/tokenize`, `/rerank`, `/v1/models`. */
  everything: Schema.optionalKey(Schema.Boolean)
})
export type Faults = typeof Faults.Type
