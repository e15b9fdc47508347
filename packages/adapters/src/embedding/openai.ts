import { Effect, Layer, Option, Schema } from "effect"
import type { Redacted } from "effect"
import type { HttpClient } from "effect/http"
import type { Embedder, EmbedderMisconfigured, EmbedderUnavailable } from "./Embedder.ts"
import { type BatchLimits, type EmbeddingClient, RequestFailed } from "./governor/EmbeddingClient.ts"
import { httpClient, makeHttp } from "./http/Http.ts"
import { habitsOf } from "./knownModels.ts"
import { readEmbeddings } from "./openai/readEmbeddings.ts"
import { findTokenizer, type Tokenizer } from "./openai/tokenizers.ts"
import * as Remote from "./remote.ts"

export interface Options extends Remote.RemoteOptions {
  /** Where the server is, with or without the last `/v1` (SHEAF_EMBEDDER_URL). */
  readonly url: URL
  readonly apiKey?: Redacted.Redacted | undefined
  /** Default: the only one that the server serves (SHEAF_EMBEDDER_MODEL). */
  readonly model?: string | undefined
  /** Names the model's weights where the name alone does not, as the protocol has no word for it (SHEAF_EMBEDDER_REVISION). */
  readonly revision?: string | undefined
  /** Most tokens of one text. Default: what the server says, or is known of the model (SHEAF_EMBEDDER_MAX_TOKENS). */
  readonly maxTokens?: number | undefined
  /** For one request. Default 60 seconds. */
  readonly timeout?: Parameters<typeof makeHttp>[0]["timeout"] | undefined
}

/** Far below what any server refuses. */
const limits: BatchLimits = { items: 64, tokens: 32_768, bytes: 4_000_000 }

const decodeModels = Schema.decodeUnknownOption(
  Schema.Struct({
    data: Schema.Array(
      Schema.Struct({ id: Schema.String, max_model_len: Schema.optionalKey(Schema.NullOr(Schema.Int)) })
    )
  })
)

const refused = (detail: string) => new RequestFailed({ kind: "refused", detail })

/** Speaks to anything with OpenAI's `/v1/embeddings`: vLLM, llama.cpp, TEI, Infinity, OpenAI itself. */
export const makeClient = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<EmbeddingClient, never, HttpClient.HttpClient> {
  const url = new URL(options.url)
  url.pathname = url.pathname.replace(/\/v1\/*$/, "")
  const http = yield* makeHttp({ url, apiKey: options.apiKey, timeout: options.timeout ?? "60 seconds" })
  let model = options.model
  let tokenizer: Tokenizer | undefined
  // Bytes are a quarter of the size and read in no time; servers that do not know them are sent home with numbers.
  let encoding: "base64" | "float" = "base64"
  let isSettled = false

  // Not every server has this path, and what it says need not be all.
  const models = Effect.map(
    http.get("/v1/models"),
    (answer) => Option.match(decodeModels(answer), { onNone: () => [], onSome: ({ data }) => data })
  ).pipe(
    Effect.catchIf(
      (failure) => failure.kind === "refused" && options.model !== undefined,
      () => Effect.succeed([])
    )
  )

  const identify = Effect.gen(function*() {
    const served = yield* models
    const names = served.map(({ id }) => id)
    const name = options.model ?? (names.length === 1 ? names[0] : undefined)
    if (name === undefined) {
      return yield* refused(
        `name one of its models: ${names.slice(0, 20).join(", ") || "it does not say which it has"}`
      )
    }
    if (names.length > 0 && !names.includes(name)) {
      return yield* refused(`it serves ${names.slice(0, 20).join(", ")} and not ${name}`)
    }
    const found = tokenizer ?? (yield* findTokenizer(http, name))
    const limit = served.find(({ id }) => id === name)?.max_model_len ?? found.maxTokens ?? habitsOf(name).maxTokens
    const maxTokens = options.maxTokens ?? limit
    if (maxTokens === undefined) {
      return yield* refused(`it does not say how many tokens ${name} takes at most: configure the limit`)
    }
    model = name
    tokenizer = found
    return {
      identity: {
        provider: "openai-compatible",
        model: name,
        revision: options.revision ?? "",
        tokenizer: found.name,
        maxTokens: Math.min(maxTokens, limit ?? maxTokens)
      },
      limits,
      refusesTooLong: found.refusesTooLong
    }
  })

  const request = (input: ReadonlyArray<string>) =>
    Effect.flatMap(
      http.post("/v1/embeddings", { input, encoding_format: encoding, ...(model !== undefined && { model }) }),
      (answer) => readEmbeddings(answer, input.length)
    )

  const embed: EmbeddingClient["embed"] = (input) =>
    request(input).pipe(
      Effect.catchIf((failure) => failure.kind === "rejected" && !isSettled && encoding === "base64", () => {
        encoding = "float"
        return request(input)
      }),
      Effect.tap(Effect.sync(() => {
        isSettled = true
      }))
    )

  const countTokens: EmbeddingClient["countTokens"] = (texts) =>
    tokenizer === undefined
      ? Effect.andThen(identify, Effect.suspend(() => countTokens(texts)))
      : tokenizer.count(texts)

  return { identify, embed, countTokens }
})

/** Vectors from a server with OpenAI's interface. */
export const layer = (options: Options): Layer.Layer<Embedder, EmbedderMisconfigured | EmbedderUnavailable> =>
  Layer.provide(Remote.layer(makeClient(options), options), httpClient)
