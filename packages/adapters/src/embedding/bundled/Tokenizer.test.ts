import { assert, describe, it } from "@effect/vitest"
import { EmbeddingsModel } from "@energetic-ai/embeddings"
import * as fc from "fast-check"
import { vocabulary } from "./model.ts"
import { makeTokenizer } from "./Tokenizer.ts"

const pieces = vocabulary()
const tokenizer = makeTokenizer(pieces)
// Its tokenizer alone is used, which needs no model.
const { tokenizer: original } = new EmbeddingsModel({
  vocabulary: pieces.map(([a, b]) => [a, b]),
  model: undefined as never
})

describe("Tokenizer", () => {
  it("agrees with the package on words and numbers", () => {
    const text = "The DiffExecutor wraps 2 executors; naïve café №5 — 黑豹队 🙂🙂 \t\n ▁x"
    assert.deepStrictEqual(tokenizer.encode(text), original.encode(text))
    assert.deepStrictEqual(tokenizer.encode(""), [])
  })

  const word = fc.constantFrom(...pieces.slice(6).map(([piece]) => piece.replace("\u2581", " ")))
  const text = fc.array(fc.oneof(word, fc.string({ unit: "grapheme", maxLength: 4 })), { maxLength: 40 })

  it("agrees with the package on any text", () => {
    fc.assert(fc.property(text, (parts) => {
      assert.deepStrictEqual(tokenizer.encode(parts.join("")), original.encode(parts.join("")))
    }))
  })

  it("counts as many pieces as it gives", () => {
    for (
      const some of ["", " ", "  a ", "x\u00a0y", "▁x ▁ y", "🙂🙂 🙂", "黑 豹 队", "naïve café №5", " :", "a :) b"]
    ) {
      assert.strictEqual(tokenizer.count(some), tokenizer.encode(some).length, JSON.stringify(some))
    }
    fc.assert(fc.property(text, (parts) => {
      assert.strictEqual(tokenizer.count(parts.join("")), tokenizer.encode(parts.join("")).length)
    }))
  })

  it("takes time linear in the text", () => {
    assert.isAbove(tokenizer.encode("hydrodynamics of wings ".repeat(5_000)).length, 20_000)
  })
})
