import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import {
  Embedder,
  type EmbedderMisconfigured,
  type EmbedderUnavailable
} from "../../packages/adapters/src/embedding/Embedder.ts"
import type { GovernorOptions } from "../../packages/adapters/src/embedding/governor.ts"
import * as OpenAi from "../../packages/adapters/src/embedding/openai.ts"
import * as Tei from "../../packages/adapters/src/embedding/tei.ts"
import type { Faults } from "../support/gpu/Faults.ts"
import * as GpuServer from "../support/gpu/GpuServer.ts"
import { made } from "../support/gpu/protocols.ts"

/** The governor's times, shortened: the tests run on the real clock, against real sockets. */
const hasty: GovernorOptions = {
  retry: { first: "4 millis", longest: "20 millis" },
  open: { first: "30 millis", longest: "100 millis" },
  patience: "200 millis"
}

const protocols = [
  { name: "TEI", path: "/embed", make: Tei.layer },
  { name: "OpenAI", path: "/v1/embeddings", make: OpenAi.layer }
] as const

const texts = Array.from({ length: 12 }, (_, i) => `Sentence number ${i} speaks of turbines.`)

const build = <E>(layer: Layer.Layer<Embedder, E>): Effect.Effect<Embedder["Service"], E, Scope.Scope> =>
  Effect.map(Layer.build(layer), (context) => context.mapUnsafe.get(Embedder.key) as Embedder["Service"])

for (const { make, name, path } of protocols) {
  describe(`faults of a GPU worker, seen through the governor (${name}, double)`, () => {
    const connected = Effect.fnUntraced(function*(timeout: Duration.Input) {
      const gpu = yield* GpuServer.start()
      const embedder = yield* build(make({ url: gpu.url, timeout, governor: hasty }))
      gpu.forget()
      const fault = (faults: Faults) => Effect.sync(() => gpu.setFaults(faults))
      /** Sizes of the requests for vectors, in their order. */
      const sizes = () =>
        gpu.received().filter((request) => request.path === path).map((request) => request.texts.length)
      return { gpu, embedder, fault, sizes }
    })
    // A busy machine must not make a timeout of what is well.
    const setting = connected("10 seconds")

    const right = (vectors: ReadonlyArray<Float32Array>, of = texts) => {
      const model = { name: "test/words-384", dimension: 384, maxTokens: 0, maxItems: 0, maxBatchTokens: 0 }
      for (const [i, vector] of vectors.entries()) {
        const expected = made(of[i]!, model)
        assert.isTrue(vector.every((value, at) => Math.abs(value - expected[at]!) < 1e-6), `vector ${i}`)
      }
      assert.strictEqual(vectors.length, of.length)
    }

    /** The circuit opens, callers are told at once, and it closes again by itself. */
    const opensAndCloses = Effect.fnUntraced(function*(
      { embedder, fault, gpu, sizes }: Effect.Success<ReturnType<typeof connected>>,
      faults: Faults
    ) {
      yield* fault({ ...faults, everything: true })
      const failure = yield* Effect.flip(embedder.embedDocuments(texts))
      assert.strictEqual(failure._tag, "EmbedderUnavailable")
      const before = sizes().length
      const refused = yield* Effect.flip(embedder.embedQuery("Which turbine?"))
      assert.strictEqual(refused._tag, "EmbedderUnavailable")
      assert.strictEqual(sizes().length, before, "an open circuit asks nobody")
      const ready = yield* Effect.forkChild(embedder.ready, { startImmediately: true })
      assert.isUndefined(ready.pollUnsafe())
      yield* fault({})
      yield* Fiber.join(ready)
      gpu.forget()
      right(yield* embedder.embedDocuments(texts))
      assert.deepStrictEqual(sizes(), [texts.length + 1])
      return failure as EmbedderUnavailable
    })

    it.live("is well: one request for what several callers want at the same moment", () =>
      Effect.gen(function*() {
        const { embedder, sizes } = yield* setting
        const halves = yield* Effect.all(
          [embedder.embedDocuments(texts.slice(0, 6)), embedder.embedDocuments(texts.slice(6))],
          { concurrency: "unbounded" }
        )
        right(halves.flat())
        assert.deepStrictEqual(sizes(), [13])
      }))

    it.live("429 without Retry-After: tried again a little later", () =>
      Effect.gen(function*() {
        const { embedder, fault, sizes } = yield* setting
        yield* fault({ status: 429, times: 2 })
        right(yield* embedder.embedDocuments(texts))
        assert.deepStrictEqual(sizes(), [13, 13, 13])
      }))

    it.live("429 with Retry-After in seconds and as a date: not before", () =>
      Effect.gen(function*() {
        const gpu = yield* GpuServer.start()
        const embedder = yield* build(make({ url: gpu.url, governor: { ...hasty, patience: "5 seconds" } }))
        gpu.setFaults({ status: 429, retryAfter: "1", times: 1 })
        const [took, vectors] = yield* Effect.timed(embedder.embedDocuments(texts))
        right(vectors)
        assert.isAtLeast(Duration.toMillis(took), 990)
        const at = DateTime.toDateUtc(DateTime.add(yield* DateTime.now, { seconds: 2 }))
        gpu.setFaults({ status: 429, retryAfter: at.toUTCString(), times: 1 })
        const [later] = yield* Effect.timed(embedder.embedDocuments(texts))
        // The date has no fractions of a second.
        assert.isAtLeast(Duration.toMillis(later), 900)
      }))

    it.live("429 with a long Retry-After: callers are told when to come back, and nothing is sent before", () =>
      Effect.gen(function*() {
        const { embedder, fault, sizes } = yield* setting
        yield* fault({ status: 429, retryAfter: "30" })
        const failure = yield* Effect.flip(embedder.embedDocuments(texts))
        assert.strictEqual(failure._tag, "EmbedderUnavailable")
        assert.isAtLeast(failure._tag === "EmbedderUnavailable" ? failure.retryAfterMs! : 0, 29_000)
        yield* Effect.flip(embedder.embedDocuments(texts))
        assert.deepStrictEqual(sizes(), [13])
      }))

    it.live("429 without end: the circuit opens, and closes when there is room again", () =>
      Effect.gen(function*() {
        const found = yield* setting
        yield* opensAndCloses(found, { status: 429 })
      }))

    for (const status of [500, 503] as const) {
      it.live(`${status}: tried again; without end the circuit opens, and closes when it is over`, () =>
        Effect.gen(function*() {
          const found = yield* setting
          yield* found.fault({ status, times: 1 })
          right(yield* found.embedder.embedDocuments(texts))
          assert.deepStrictEqual(found.sizes(), [13, 13])
          found.gpu.forget()
          yield* opensAndCloses(found, { status })
        }))
    }

    it.live("connection refused, and back on the same port", () =>
      Effect.gen(function*() {
        const { embedder, gpu } = yield* setting
        yield* gpu.close
        const failure = yield* Effect.flip(embedder.embedDocuments(texts))
        assert.strictEqual(failure._tag, "EmbedderUnavailable")
        assert.include(String(failure._tag === "EmbedderUnavailable" && failure.cause), "ECONNREFUSED")
        yield* GpuServer.start({ port: gpu.port })
        yield* embedder.ready
        right(yield* embedder.embedDocuments(texts))
      }))

    it.live("never answering: given up after the timeout, and the circuit opens", () =>
      Effect.gen(function*() {
        const found = yield* connected("400 millis")
        const failure = yield* opensAndCloses(found, { answer: "never" })
        assert.include(String(failure.cause), "took longer than")
      }))

    it.live("slow: waited for", () =>
      Effect.gen(function*() {
        const { embedder, fault, sizes } = yield* setting
        yield* fault({ latency: 150 })
        right(yield* embedder.embedDocuments(texts))
        assert.deepStrictEqual(sizes(), [13])
      }))

    for (const answer of ["half", "drop"] as const) {
      it.live(`${answer === "half" ? "half an answer" : "a connection cut before the answer"}: tried again`, () =>
        Effect.gen(function*() {
          const { embedder, fault, sizes } = yield* setting
          yield* fault({ answer, times: 2 })
          right(yield* embedder.embedDocuments(texts))
          // The second time the batch is suspected: the server does well with a sentence, so it is looked at in halves.
          assert.deepStrictEqual(sizes(), [13, 13, 2, 7, 7])
        }))
    }

    for (const status of [413, 422, 424, 500] as const) {
      it.live(`${status} for one poisonous text: found, and named by its place`, () =>
        Effect.gen(function*() {
          const { embedder, fault, sizes } = yield* setting
          yield* fault({ status, poison: "arsenic" })
          const poisoned = texts.map((text, i) => i === 8 ? `${text} It holds arsenic.` : text)
          const rejected = yield* Effect.flip(embedder.embedDocuments(poisoned))
          assert.deepInclude(rejected, { _tag: "EmbeddingRejected", index: 8 })
          assert.include(rejected._tag === "EmbeddingRejected" ? rejected.detail : "", String(status))
          // Twelve in halves until one is left, each with the witness; then two plain sentences, which are well. What could be the server's
          // fault takes longer.
          assert.strictEqual(sizes().at(-1), 2)
          if (status !== 500) assert.deepStrictEqual(sizes().sort((a, b) => b - a), [13, 7, 7, 4, 4, 3, 2, 2])
          else assert.isBelow(sizes().length, 40)
          right(yield* embedder.embedDocuments(texts))
        }))
    }

    it.live("424 for everything: the model is broken, and no text is blamed", () =>
      Effect.gen(function*() {
        const found = yield* setting
        yield* opensAndCloses(found, { status: 424 })
      }))

    it.live("one poisonous text costs other callers nothing", () =>
      Effect.gen(function*() {
        const { embedder, fault } = yield* setting
        yield* fault({ status: 422, poison: "arsenic" })
        const [bad, good] = yield* Effect.all([
          Effect.exit(embedder.embedDocuments([texts[0]!, "arsenic"])),
          embedder.embedDocuments(texts)
        ], { concurrency: "unbounded" })
        assert.isTrue(Exit.isFailure(bad))
        right(good)
      }))

    for (const vectors of ["nan", "zero", "short"] as const) {
      it.live(`${vectors} vectors: for one text it is rejected, for all of them the server is`, () =>
        Effect.gen(function*() {
          const found = yield* setting
          const { embedder, fault, sizes } = found
          yield* fault({ vectors, poison: "arsenic" })
          const rejected = yield* Effect.flip(embedder.embedDocuments([...texts, "arsenic"]))
          assert.deepInclude(rejected, { _tag: "EmbeddingRejected", index: 12 })
          assert.deepStrictEqual(sizes(), [14, 2])
          yield* opensAndCloses(found, { vectors })
        }))
    }

    it.live("answers in another order: put right where they say whose they are, refused where not", () =>
      Effect.gen(function*() {
        const found = yield* setting
        if (name === "OpenAI") {
          yield* found.fault({ reversed: true })
          right(yield* found.embedder.embedDocuments(texts))
          assert.deepStrictEqual(found.sizes(), [13])
        } else yield* opensAndCloses(found, { reversed: true })
      }))

    for (const silently of [false, true]) {
      it.live(`another model in its place${silently ? " that says nothing of it" : ""}: nothing is embedded with it`, () =>
        Effect.gen(function*() {
          const found = yield* setting
          const failure = yield* opensAndCloses(found, { model: { name: "test/other-384", silently } })
          assert.include(String(failure.cause), "test/words-384")
        }))
    }

    it.live("a wrong key: an operator's business, at once", () =>
      Effect.gen(function*() {
        const gpu = yield* GpuServer.start({ apiKey: "right" })
        const layer = (key: string) => make({ url: gpu.url, apiKey: Redacted.make(key) })
        const refused = yield* Effect.flip(build(layer("secret-but-wrong")))
        assert.strictEqual(refused._tag, "EmbedderMisconfigured")
        assert.include((refused as EmbedderMisconfigured).detail, "401")
        assert.notInclude((refused as EmbedderMisconfigured).detail, "secret-but-wrong")
        assert.strictEqual(gpu.received().length, 1)
        right(yield* (yield* build(layer("right"))).embedDocuments(texts))
      }))

    it.live("what nobody waits for any more is not finished", () =>
      Effect.gen(function*() {
        const { embedder, fault, gpu } = yield* setting
        yield* fault({ answer: "never" })
        const fiber = yield* Effect.forkChild(embedder.embedDocuments(texts), { startImmediately: true })
        yield* Effect.sync(() => gpu.received().length).pipe(
          Effect.tap(() => Effect.sleep("1 millis")),
          Effect.repeat({ until: (count) => count > 0, times: 1_000 })
        )
        yield* Fiber.interrupt(fiber)
        yield* Effect.sync(gpu.abandoned).pipe(
          Effect.tap(() => Effect.sleep("1 millis")),
          Effect.repeat({ until: (count) => count > 0, times: 1_000 })
        )
        assert.strictEqual(gpu.abandoned(), 1)
        yield* fault({})
        right(yield* embedder.embedDocuments(texts))
      }))
  })
}
