import { type Effect, Schema } from "effect"

/** Why a request brought nothing that can be used; decided where the server's answer is seen, and nowhere else. */
export class RequestFailed extends Schema.TaggedError<RequestFailed>()("RequestFailed", {
  /**
   * - `rejected`: the server refuses what was sent. A smaller request may pass.
   * - `overloaded`: the server is well and has too much to do.
   * - `down`: no answer, half an answer, or one that makes no sense.
   * - `refused`: the server does not serve us (key, path, model). Only an operator can help.
   */
  kind: Schema.Literals(["rejected", "overloaded", "down", "refused"]),
  /** For logs; holds neither inputs nor secrets. */
  detail: Schema.String,
  /** As the server wishes. */
  retryAfterMs: Schema.optionalKey(Schema.Int)
}) {
  override get message(): string {
    return this.detail
  }
}

/** Which model a server serves. */
export interface Identity {
  readonly provider: string
  readonly model: string
  readonly revision: string
  readonly tokenizer: string
  /** Most tokens of one input. */
  readonly maxTokens: number
}

/** What one request may hold. */
export interface BatchLimits {
  readonly items: number
  readonly tokens: number
  readonly bytes: number
}

/** What a server says of itself. */
export interface ServerFacts {
  readonly identity: Identity
  readonly limits: BatchLimits
  /** It refuses a text over its limit. One that may cut it silently gets none that was not counted before. */
  readonly refusesTooLong: boolean
}

/**
 * A server that makes vectors, as it is: one call, one request. Everything that makes it bearable is the governor's.
 */
export interface EmbeddingClient {
  readonly identify: Effect.Effect<ServerFacts, RequestFailed>
  /** As many vectors as texts, in their order. Whether they are any good is for the caller to see. */
  readonly embed: (texts: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Float32Array>, RequestFailed>
  /** Of texts that are not empty, special tokens included. */
  readonly countTokens: (texts: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<number>, RequestFailed>
}
