import { Clock, Duration, Effect, Layer, Option, Ref, Schema } from "effect"
import type { Redacted } from "effect"
import { httpClient, makeHttp } from "../embedding/http/Http.ts"
import type { RequestFailed } from "../embedding/governor/EmbeddingClient.ts"
import { packed } from "../embedding/governor/packing.ts"
import { requestBytes } from "../embedding/governor/tokens.ts"
import { reranker, RerankerUnavailable } from "./Reranker.ts"

export interface Options {
  /** Where Text Embeddings Inference serves a cross-encoder, such as `http://gpu:8081` (SHEAF_RERANKER_URL). */
  readonly url: URL
  /** What it was started with as `--api-key` (SHEAF_RERANKER_API_KEY). */
  readonly apiKey?: Redacted.Redacted | undefined
  /** How many of the best candidates are read again. Default 50 (SHEAF_RERANKER_CANDIDATES). */
  readonly candidates?: number | undefined
  /** A search waits no longer for it. Default 500 milliseconds (SHEAF_RERANKER_PATIENCE). */
  readonly patience?: Duration.Input | undefined
}

/** Requests of one search at once. */
const atOnce = 4

/** Where the server does not say: TEI's own default. */
const defaultItems = 32

/** After a failure nobody asks for so long (ms): a search must not wait for what just did not work. */
const rest = 5_000

const maxBytes = 1_900_000

const decodeInfo = Schema.decodeUnknownOption(Schema.Struct({ max_client_batch_size: Schema.Int }))
const decodeRanks = Schema.decodeUnknownOption(
  Schema.Array(Schema.Struct({
    index: Schema.Int,
    score: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
  }))
)

const unavailable = (detail: string) => new RerankerUnavailable({ reason: "unavailable", detail })
const ofRequest = (failure: RequestFailed) => unavailable(failure.detail)

/**
 * Cross-encoders behind Text Embeddings Inference. What is too long for the model is cut at its end (`truncate`): here it only costs
 * accuracy. Does not need the server at start, as searches do without it.
 */
export const layer = (options: Options): Layer.Layer<never> =>
  Layer.effect(
    reranker,
    Effect.gen(function*() {
      const patience = Duration.fromInputUnsafe(options.patience ?? "500 millis")
      const tooSlow = new RerankerUnavailable({
        reason: "too-slow",
        detail: `no answer within ${Duration.format(patience)}`
      })
      const http = yield* makeHttp({
        url: options.url,
        apiKey: options.apiKey,
        timeout: "1 minute",
        maxResponseBytes: 2 ** 20
      })
      const known = yield* Ref.make(Option.none<number>())
      const restsUntil = yield* Ref.make(0)

      const items = Effect.flatMap(
        Ref.get(known),
        Option.match({
          onSome: Effect.succeed,
          onNone: () =>
            Effect.map(http.get("/info"), (answer) =>
              Option.match(decodeInfo(answer), {
                onNone: () => defaultItems,
                onSome: (info) => info.max_client_batch_size
              })).pipe(Effect.tap((found) => Ref.set(known, Option.some(found))))
        })
      )

      const score = Effect.fnUntraced(function*(query: string, texts: ReadonlyArray<string>) {
        const body = { query, texts, truncate: true, raw_scores: false, return_text: false }
        const ranks = decodeRanks(yield* Effect.mapError(http.post("/rerank", body), ofRequest))
        if (Option.isNone(ranks)) return yield* unavailable("what /rerank says cannot be understood")
        const scores = new Map(ranks.value.map(({ index, score }) => [index, score]))
        const ordered = texts.map((_, index) => scores.get(index)).filter((found) => found !== undefined)
        return ordered.length === texts.length
          ? ordered
          : yield* unavailable(`/rerank gave ${ordered.length} scores for ${texts.length} texts`)
      })

      const ask = Effect.fnUntraced(function*(question: string, texts: ReadonlyArray<string>) {
        const limits = {
          items: yield* Effect.mapError(items, ofRequest),
          tokens: Number.POSITIVE_INFINITY,
          bytes: maxBytes
        }
        const sized = texts.map((text) => ({ text: text.toWellFormed(), tokens: 0, bytes: requestBytes(text) }))
        const parts = yield* Effect.forEach(
          packed(sized, limits),
          (batch) => score(question.toWellFormed(), batch.map(({ text }) => text)),
          { concurrency: atOnce }
        )
        return parts.flat()
      })

      const rerank = Effect.fn("Reranker.rerank")(function*(question: string, texts: ReadonlyArray<string>) {
        const now = yield* Clock.currentTimeMillis
        if (now < (yield* Ref.get(restsUntil))) return yield* unavailable("it failed a moment ago")
        return yield* ask(question, texts).pipe(
          Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(tooSlow) }),
          // Another server may answer next time, and bear less at once.
          Effect.tapError(() => Effect.andThen(Ref.set(restsUntil, now + rest), Ref.set(known, Option.none())))
        )
      })

      return Option.some({ rerank, candidates: options.candidates ?? 50 })
    })
  ).pipe(Layer.provide(httpClient))
