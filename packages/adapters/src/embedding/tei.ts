import { Effect, Layer, Option, Schema } from "effect"
import type { Redacted } from "effect"
import type { HttpClient } from "effect/http"
import type { Embedder, EmbedderMisconfigured, EmbedderUnavailable } from "./Embedder.ts"
import { type EmbeddingClient, RequestFailed } from "./governor/EmbeddingClient.ts"
import { httpClient, makeHttp } from "./http/Http.ts"
import { vectorOf } from "./http/vectorOf.ts"
import * as Remote from "./remote.ts"

export interface Options extends Remote.RemoteOptions {
  /** Where Text Embeddings Inference is, such as `http://gpu:8080` (SHEAF_EMBEDDER_URL). */
  readonly url: URL
  /** What it was started with as `--api-key` (SHEAF_EMBEDDER_API_KEY). */
  readonly apiKey?: Redacted.Redacted | undefined
  /** The model that must be served; default: whatever is (SHEAF_EMBEDDER_MODEL). */
  readonly model?: string | undefined
  /** For one request. Default 60 seconds. */
  readonly timeout?: Parameters<typeof makeHttp>[0]["timeout"] | undefined
}

/** Of a request's body: TEI takes 2 MB unless told otherwise (`--payload-limit`). */
const maxBytes = 1_900_000

const Info = Schema.Struct({
  model_id: Schema.String,
  model_sha: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** `{"embedding": {"pooling": "cls"}}`, `{"reranker": ...}`, `{"classifier": ...}`. */
  model_type: Schema.Record(Schema.String, Schema.Unknown),
  max_input_length: Schema.Int,
  max_batch_tokens: Schema.Int,
  max_client_batch_size: Schema.Int
})
const decodeInfo = Schema.decodeUnknownOption(Info)

const nonsense = (what: string) => new RequestFailed({ kind: "down", detail: `${what} cannot be understood` })

/** Speaks to Text Embeddings Inference in its own protocol: nothing is ever cut, and tokens are counted by the model's tokenizer. */
export const makeClient = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<EmbeddingClient, never, HttpClient.HttpClient> {
  const http = yield* makeHttp({ url: options.url, apiKey: options.apiKey, timeout: options.timeout ?? "60 seconds" })

  const identify = Effect.gen(function*() {
    const found = decodeInfo(yield* http.get("/info"))
    if (Option.isNone(found)) return yield* nonsense("what /info says")
    const info = found.value
    const wrong = !("embedding" in info.model_type)
      ? `it serves ${info.model_id}, which makes no embeddings`
      : options.model !== undefined && options.model !== info.model_id
      ? `it serves ${info.model_id} and not ${options.model}`
      : undefined
    if (wrong !== undefined) return yield* new RequestFailed({ kind: "refused", detail: wrong })
    return {
      identity: {
        provider: "text-embeddings-inference",
        model: info.model_id,
        revision: info.model_sha ?? "",
        tokenizer: info.model_id,
        maxTokens: info.max_input_length
      },
      limits: { items: info.max_client_batch_size, tokens: info.max_batch_tokens, bytes: maxBytes },
      refusesTooLong: true
    }
  })

  const embed: EmbeddingClient["embed"] = (inputs) =>
    Effect.flatMap(http.post("/embed", { inputs, truncate: false, normalize: true }), (answer) => {
      const vectors = Array.isArray(answer) ? answer.map(vectorOf) : []
      const whole = vectors.filter((vector) => vector !== undefined)
      return whole.length === inputs.length ? Effect.succeed(whole) : Effect.fail(nonsense("the vectors"))
    })

  const countTokens: EmbeddingClient["countTokens"] = (inputs) =>
    Effect.flatMap(http.post("/tokenize", { inputs, add_special_tokens: true }), (answer) => {
      const counts = Array.isArray(answer) ? answer.filter(Array.isArray).map((tokens) => tokens.length) : []
      return counts.length === inputs.length ? Effect.succeed(counts) : Effect.fail(nonsense("the tokens"))
    })

  return { identify, embed, countTokens }
})

/** Vectors from Text Embeddings Inference. */
export const layer = (options: Options): Layer.Layer<Embedder, EmbedderMisconfigured | EmbedderUnavailable> =>
  Layer.provide(Remote.layer(makeClient(options), options), httpClient)
