import type { Space } from "@sheaf/domain/spaces/Space"
import { Context, type Effect, Schema } from "effect"

/** The embedder is down, slow or overloaded: the work waits. */
export class EmbedderUnavailable extends Schema.TaggedError<EmbedderUnavailable>()("EmbedderUnavailable", {
  operation: Schema.String,
  retryAfterMs: Schema.optionalKey(Schema.Int),
  cause: Schema.Defect()
}) {
  readonly isRetryable = true
}

/** The embedder refused one input for good; `index` is its place in the batch. */
export class EmbeddingRejected extends Schema.TaggedError<EmbeddingRejected>()("EmbeddingRejected", {
  index: Schema.Int,
  detail: Schema.String
}) {}

/** The embedder cannot be used as it is configured: waiting does not help. Only seen at start. */
export class EmbedderMisconfigured extends Schema.TaggedError<EmbedderMisconfigured>()("EmbedderMisconfigured", {
  /** What is wrong and what to do about it. Holds no secret. */
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/**
 * Turns text into vectors of one space. Whatever implementation: order kept, one vector per input, every vector of the space's
 * dimension, finite and not zero (an implementation that gets anything else fails with `EmbeddingRejected`).
 */
export class Embedder extends Context.Service<Embedder, {
  readonly space: Space
  /** Calls with a batch each that are worth making at once. */
  readonly parallel: number
  /** Completes when work may be begun: at once while the embedder is well, during an outage when that is over. */
  readonly ready: Effect.Effect<void>
  /** Asks whether it is well at this moment, without any work; for health checks. */
  readonly check: Effect.Effect<void, EmbedderUnavailable>
  /** Vectors of texts to be searched. Inputs are non-empty and within `space.maxTokens`; nothing is truncated. */
  readonly embedDocuments: (
    texts: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<Float32Array>, EmbedderUnavailable | EmbeddingRejected>
  /** The vector of a question; goes before documents where both wait. A text over the limit is cut, as a question may be. */
  readonly embedQuery: (text: string) => Effect.Effect<Float32Array, EmbedderUnavailable | EmbeddingRejected>
  /** Tokens of each text as the embedder itself counts them, special tokens included. */
  readonly countTokens: (
    texts: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<number>, EmbedderUnavailable>
}>()("@sheaf/adapters/embedding/Embedder") {}
