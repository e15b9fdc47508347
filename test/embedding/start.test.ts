import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer } from "effect"
import type { Scope } from "effect"
import { createServer } from "node:http"
import { Embedder, type EmbedderMisconfigured } from "../../packages/adapters/src/embedding/Embedder.ts"
import * as OpenAi from "../../packages/adapters/src/embedding/openai.ts"
import * as Tei from "../../packages/adapters/src/embedding/tei.ts"
import { freePort } from "../support/freePort.ts"
import * as GpuServer from "../support/gpu/GpuServer.ts"

const build = <E>(layer: Layer.Layer<Embedder, E>): Effect.Effect<Embedder["Service"], E, Scope.Scope> =>
  Effect.map(Layer.build(layer), (context) => context.mapUnsafe.get(Embedder.key) as Embedder["Service"])

/** Answers every path with what the table says, or 404. */
const serve = (answers: Readonly<Record<string, unknown>>) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: URL; readonly close: () => void }>((resume) => {
      const server = createServer((request, response) => {
        const answer = answers[request.url ?? ""]
        response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" })
        response.end(JSON.stringify(answer ?? { error: { message: "Not Found", code: 404 } }))
      }).listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ url: new URL(`http://127.0.0.1:${port}`), close: () => void server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const complaint = Effect.fnUntraced(function*<E>(layer: Layer.Layer<Embedder, E>) {
  const failure = yield* Effect.flip(build(layer))
  assert.strictEqual((failure as { readonly _tag: string })._tag, "EmbedderMisconfigured")
  return (failure as EmbedderMisconfigured).detail
})

describe("the start of an embedder that is a server away (double)", () => {
  it.live("learns the space from the server and its vectors", () =>
    Effect.gen(function*() {
      const { url } = yield* GpuServer.start({ model: { name: "intfloat/e5-small-v2", dimension: 96, maxTokens: 77 } })
      const { space } = yield* build(Tei.layer({ url }))
      assert.deepInclude(space, {
        provider: "text-embeddings-inference",
        model: "intfloat/e5-small-v2",
        revision: "0123456789abcdef0123456789abcdef01234567",
        dimension: 96,
        maxTokens: 77,
        normalised: true,
        queryPrefix: "query: ",
        documentPrefix: "passage: ",
        vectorWeight: 0.5
      })
      assert.deepStrictEqual(space.languages, ["en"])
      const again = yield* build(Tei.layer({ url }))
      assert.deepStrictEqual(again.space, space)
      const other = yield* build(
        Tei.layer({ url, documentPrefix: "", languages: ["de"], cosineFloor: 0.25, vectorWeight: 0.75 })
      )
      assert.notStrictEqual(other.space.id, space.id)
      assert.deepInclude(other.space, {
        cosineFloor: 0.25,
        vectorWeight: 0.75,
        queryPrefix: "query: ",
        documentPrefix: ""
      })
    }))

  it.live("is the same space for every way to count with OpenAI's interface, but for the tokenizer", () =>
    Effect.gen(function*() {
      const spaces = yield* Effect.forEach(
        ["vllm", "llama.cpp", "none"] as const,
        (tokenizer) =>
          Effect.gen(function*() {
            const { url } = yield* GpuServer.start({ tokenizer })
            // With and without the path that clients of OpenAI are given.
            const { space } = yield* build(
              OpenAi.layer({ url: new URL("/v1", url), ...(tokenizer === "none" && { maxTokens: 128 }) })
            )
            return space
          })
      )
      assert.deepStrictEqual(spaces.map(({ tokenizer }) => tokenizer), [
        "vllm test/words-384",
        "llama.cpp test/words-384",
        "utf-8 bytes"
      ])
      assert.deepStrictEqual(spaces.map(({ maxTokens }) => maxTokens), [128, 128, 128])
    }))

  it.live("waits for a server that comes up a little later", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const url = new URL(`http://127.0.0.1:${port}`)
      const embedder = yield* Effect.forkChild(build(Tei.layer({ url })), { startImmediately: true })
      yield* Effect.sleep("50 millis")
      yield* GpuServer.start({ port })
      assert.strictEqual((yield* Fiber.join(embedder)).space.dimension, 384)
    }))

  it.live("says so when there is none, after its patience", () =>
    Effect.gen(function*() {
      const url = new URL(`http://127.0.0.1:${yield* freePort}`)
      const [took, failure] = yield* Effect.timed(Effect.flip(build(Tei.layer({ url, startPatience: "100 millis" }))))
      assert.strictEqual(failure._tag, "EmbedderUnavailable")
      assert.include(String((failure as { readonly cause: unknown }).cause), "ECONNREFUSED")
      assert.isBelow(Duration.toMillis(took), 5_000)
    }))

  it.live("refuses another model than the one that is named", () =>
    Effect.gen(function*() {
      const { url } = yield* GpuServer.start()
      assert.include(yield* complaint(Tei.layer({ url, model: "BAAI/bge-m3" })), "test/words-384 and not BAAI/bge-m3")
      assert.include(
        yield* complaint(OpenAi.layer({ url, model: "BAAI/bge-m3" })),
        "test/words-384 and not BAAI/bge-m3"
      )
    }))

  it.live("refuses what is no embedder", () =>
    Effect.gen(function*() {
      const info = {
        model_id: "r",
        model_sha: null,
        max_input_length: 512,
        max_batch_tokens: 1,
        max_client_batch_size: 1
      }
      const reranker = yield* serve({ "/info": { ...info, model_type: { reranker: { id2label: {}, label2id: {} } } } })
      assert.include(yield* complaint(Tei.layer({ url: reranker.url })), "makes no embeddings")
      const website = yield* serve({})
      assert.include(yield* complaint(Tei.layer({ url: website.url })), "404")
      assert.include(yield* complaint(OpenAi.layer({ url: website.url })), "404")
    }))

  it.live("asks for what an OpenAI-compatible server does not say", () =>
    Effect.gen(function*() {
      const several = yield* serve({ "/v1/models": { data: [{ id: "a" }, { id: "b" }] } })
      assert.include(yield* complaint(OpenAi.layer({ url: several.url })), "a, b")
      assert.include(yield* complaint(OpenAi.layer({ url: several.url, model: "a" })), "how many tokens")
    }))

  it.live("refuses a dimension that is not the configured one, and vectors that say nothing", () =>
    Effect.gen(function*() {
      const gpu = yield* GpuServer.start()
      assert.include(yield* complaint(Tei.layer({ url: gpu.url, dimension: 256 })), "384 dimensions instead of 256")
      gpu.setFaults({ vectors: "zero" })
      assert.include(yield* complaint(Tei.layer({ url: gpu.url })), "zero")
    }))

  it.live("does with servers that know vectors in numbers only", () =>
    Effect.gen(function*() {
      const gpu = yield* GpuServer.start({ numbersOnly: true })
      const embedder = yield* build(OpenAi.layer({ url: gpu.url }))
      gpu.forget()
      assert.lengthOf(yield* embedder.embedDocuments(["one", "two"]), 2)
      assert.deepStrictEqual(gpu.received().map(({ status }) => status), [200])
    }))

  it.live("does with servers that take one text a request", () =>
    Effect.gen(function*() {
      const { url } = yield* GpuServer.start({ model: { maxItems: 1 } })
      const embedder = yield* build(Tei.layer({ url }))
      assert.lengthOf(yield* embedder.embedDocuments(["one", "two", "three"]), 3)
    }))
})
