import { assert, it } from "@effect/vitest"
import { Effect, Fiber, type Layer } from "effect"
import { Embedder } from "../../packages/adapters/src/embedding/Embedder.ts"

const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b))

const texts = [
  "The turbine must be inspected every six months.",
  "Unlock the door with the key you were given.",
  "A recipe for apple pie with cinnamon."
]

/** What every embedder promises; run it over each implementation. */
export const suite = <E>(name: string, layer: Layer.Layer<Embedder, E>) =>
  it.layer(layer, { timeout: "60 seconds", excludeTestServices: true })(`Embedder: ${name}`, (it) => {
    it.effect("gives one vector for each text, in order, of the space's dimension", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        const vectors = yield* embedder.embedDocuments(texts)
        const alone = yield* Effect.forEach(texts, (text) => embedder.embedDocuments([text]))
        assert.strictEqual(vectors.length, texts.length)
        for (const [i, vector] of vectors.entries()) {
          assert.strictEqual(vector.length, embedder.space.dimension)
          assert.isTrue(vector.every(Number.isFinite))
          assert.isAbove(cosine(vector, alone[i]![0]!), 0.9999)
          if (embedder.space.normalised) assert.approximately(Math.hypot(...vector), 1, 1e-4)
        }
      }))

    it.effect("puts a question near the text that answers it", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        const vectors = yield* embedder.embedDocuments(texts)
        const question = yield* embedder.embedQuery("How often does the turbine have to be inspected?")
        const near = vectors.map((vector) => cosine(vector, question))
        assert.strictEqual(near.indexOf(Math.max(...near)), 0)
      }))

    it.effect("takes no texts for an answer of no vectors", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        assert.deepStrictEqual(yield* embedder.embedDocuments([]), [])
        assert.deepStrictEqual(yield* embedder.countTokens([]), [])
      }))

    it.effect("names the text that it refuses: nothing to embed, or too much, for nothing is cut", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        for (const bad of ["", "word ".repeat(embedder.space.maxTokens + 1)]) {
          const rejected = yield* Effect.flip(embedder.embedDocuments([texts[0]!, bad, texts[1]!]))
          assert.strictEqual(rejected._tag, "EmbeddingRejected")
          assert.strictEqual(rejected._tag === "EmbeddingRejected" && rejected.index, 1)
        }
      }))

    it.effect("cuts a question that is too long", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        const vector = yield* embedder.embedQuery("turbine inspection ".repeat(embedder.space.maxTokens))
        assert.strictEqual(vector.length, embedder.space.dimension)
      }))

    it.effect("survives any kind of text", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        const odd = ["\u0000\u0001", "🙂", "\ud800", "…", "   ", "黑豹队", "a".repeat(300), "\u202Eabc", "½ ﬁ ㎏"]
        for (const text of odd) {
          const result = yield* Effect.result(embedder.embedDocuments([text]))
          if (result._tag === "Failure") assert.strictEqual(result.failure._tag, "EmbeddingRejected")
          else assert.isTrue(result.success[0]!.every(Number.isFinite))
        }
      }))

    it.effect("counts tokens as it cuts by them", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        const { maxTokens } = embedder.space
        const [one, many, none] = yield* embedder.countTokens(["word", "word ".repeat(maxTokens), ""])
        assert.isAbove(one!, 0)
        assert.isAtLeast(many!, maxTokens)
        assert.isAtMost(none!, one!)
        for (const words of [maxTokens - 5, maxTokens - 2, maxTokens - 1, maxTokens, maxTokens + 1]) {
          const text = Array.from({ length: words }, () => "word").join(" ")
          const [tokens] = yield* embedder.countTokens([text])
          const result = yield* Effect.result(embedder.embedDocuments([text]))
          assert.strictEqual(result._tag === "Success", tokens! <= maxTokens)
        }
      }))

    it.effect("goes on after an interruption", () =>
      Effect.gen(function*() {
        const embedder = yield* Embedder
        const fiber = yield* Effect.forkChild(embedder.embedDocuments([...texts, ...texts, ...texts]), {
          startImmediately: true
        })
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* embedder.embedQuery("still there")).length, embedder.space.dimension)
      }))
  })
