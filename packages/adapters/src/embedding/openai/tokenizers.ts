import { Effect, Option, Schema } from "effect"
import { RequestFailed } from "../governor/EmbeddingClient.ts"
import { mostTokens } from "../governor/tokens.ts"
import type { Http } from "../http/Http.ts"

/** Who counts tokens for a server whose protocol has no word for it. */
export interface Tokenizer {
  /** Part of the space's identity: limits counted by another tokenizer are other limits. */
  readonly name: string
  /** Most tokens of a text, where the server says so. */
  readonly maxTokens: number | undefined
  /** Servers with this tokenizer refuse what is too long. */
  readonly refusesTooLong: boolean
  readonly count: (texts: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<number>, RequestFailed>
}

/** These servers count one text a request. */
const atOnce = 4

const decodeVllm = Schema.decodeUnknownOption(Schema.Struct({ count: Schema.Int, max_model_len: Schema.Int }))
const decodeLlamaCpp = Schema.decodeUnknownOption(Schema.Struct({ tokens: Schema.NonEmptyArray(Schema.Unknown) }))
const decodeProps = Schema.decodeUnknownOption(
  Schema.Struct({ default_generation_settings: Schema.Struct({ n_ctx: Schema.Int }) })
)

const nonsense = new RequestFailed({ kind: "down", detail: "what /tokenize says cannot be understood" })

/** A server without this path, or with another one in its place, is not an error; one that is down is. */
const optional = <A>(effect: Effect.Effect<Option.Option<A>, RequestFailed>) =>
  Effect.catchIf(
    effect,
    (failure) => failure.kind === "refused" || failure.kind === "rejected",
    () => Effect.succeed(Option.none<A>())
  )

const each =
  (count: (text: string) => Effect.Effect<Option.Option<number>, RequestFailed>): Tokenizer["count"] => (texts) =>
    Effect.forEach(
      texts,
      (text) =>
        Effect.flatMap(count(text), Option.match({ onNone: () => Effect.fail(nonsense), onSome: Effect.succeed })),
      { concurrency: atOnce }
    )

/**
 * The server's own tokenizer: vLLM's `/tokenize` or llama.cpp's. Without one, every text counts as many tokens as it has bytes in UTF-8,
 * and two: never too few (see `mostTokens`), but about four times too many for English, so segments become smaller.
 */
export const findTokenizer = Effect.fnUntraced(function*(
  http: Http,
  model: string
): Effect.fn.Return<Tokenizer, RequestFailed> {
  const vllm = (prompt: string) =>
    Effect.map(http.post("/tokenize", { model, prompt, add_special_tokens: true }), decodeVllm)
  const first = yield* optional(vllm("a"))
  if (Option.isSome(first)) {
    const count = each((text) => Effect.map(vllm(text), Option.map((answer) => answer.count)))
    return { name: `vllm ${model}`, maxTokens: first.value.max_model_len, refusesTooLong: true, count }
  }
  const llamaCpp = (content: string) =>
    Effect.map(http.post("/tokenize", { content, add_special: true }), decodeLlamaCpp)
  const second = yield* optional(llamaCpp("a"))
  if (Option.isSome(second)) {
    const props = yield* optional(Effect.map(http.get("/props"), decodeProps))
    const maxTokens = Option.getOrUndefined(props)?.default_generation_settings.n_ctx
    const count = each((text) => Effect.map(llamaCpp(text), Option.map((answer) => answer.tokens.length)))
    return { name: `llama.cpp ${model}`, maxTokens, refusesTooLong: true, count }
  }
  return {
    name: "utf-8 bytes",
    maxTokens: undefined,
    refusesTooLong: false,
    count: (texts) => Effect.succeed(texts.map(mostTokens))
  }
})
