import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { readEmbeddings } from "./readEmbeddings.ts"

const encode = (vector: Float32Array) => Buffer.from(vector.buffer).toString("base64")
const vectors = fc.array(fc.array(fc.float({ noDefaultInfinity: true, noNaN: true }), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 6
})

describe("readEmbeddings", () => {
  it("reads numbers and bytes, in whatever order they come", () => {
    fc.assert(fc.property(vectors, fc.boolean(), fc.integer(), (vectors, isBytes, seed) => {
      const data = vectors.map((values, index) => ({
        object: "embedding",
        index,
        embedding: isBytes ? encode(Float32Array.from(values)) : values
      })).sort((a, b) => Math.sin(seed + a.index) - Math.sin(seed + b.index))
      const read = Effect.runSync(readEmbeddings({ object: "list", data }, vectors.length))
      assert.deepStrictEqual(read, vectors.map((values) => Float32Array.from(values)))
    }))
  })

  it.effect("takes what makes no sense for an answer that did not come", () =>
    Effect.gen(function*() {
      const one = { index: 0, embedding: [1] }
      const senseless = [
        undefined,
        "text",
        {},
        { data: null },
        { data: [one] },
        { data: [one, one] },
        { data: [one, { index: 2, embedding: [1] }] },
        { data: [one, { index: 1 }] },
        { data: [one, { index: 1, embedding: "AAA=" }] },
        { data: [one, { index: 1, embedding: [1, "2"] }] }
      ]
      for (const answer of senseless) {
        const failure = yield* Effect.flip(readEmbeddings(answer, 2))
        assert.strictEqual(failure.kind, "down", JSON.stringify(answer))
      }
    }))
})
