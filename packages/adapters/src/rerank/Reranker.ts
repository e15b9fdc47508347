import { Context, type Effect, Option, Schema } from "effect"

/** The reranker is down, slow, overloaded, or refuses; a search does without it. */
export class RerankerUnavailable extends Schema.TaggedError<RerankerUnavailable>()("RerankerUnavailable", {
  reason: Schema.Literals(["unavailable", "too-slow"]),
  /** For logs; holds neither texts nor secrets. */
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

export interface Reranker {
  /**
   * Reads each text together with the question and says how well it answers, from 0 to 1, in the order of the texts. Answers or fails
   * within its own time limit.
   */
  readonly rerank: (
    question: string,
    texts: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<number>, RerankerUnavailable>
  /** How many of the best candidates of a search it is worth asking about. */
  readonly candidates: number
}

/** The reranker of this process, where there is one: nobody needs it, so nobody has to provide it. */
export const reranker = Context.Reference<Option.Option<Reranker>>("@sheaf/adapters/rerank/Reranker/reranker", {
  defaultValue: Option.none
})
