import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { makeTokenCounts, mostTokens, requestBytes } from "./tokens.ts"

describe("tokens", () => {
  it("are never more than said: for no tokenizer that has a token for a byte or more, before or after composing", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.isAtLeast(mostTokens(text), Buffer.byteLength(text) + 2)
      assert.isAtLeast(mostTokens(text), Buffer.byteLength(text.normalize("NFKC")) + 2)
    }))
    assert.strictEqual(mostTokens("abc"), 5)
    assert.isAbove(mostTokens("ﷺ"), 20)
  })

  it("are remembered for the texts seen lately", () => {
    const counts = makeTokenCounts()
    for (let i = 0; i < 20_001; i++) counts.remember(`text ${i}`, i)
    assert.isUndefined(counts.find("text 0"))
    assert.strictEqual(counts.find("text 1"), 1)
    assert.strictEqual(counts.find("text 20000"), 20_000)
  })
})

describe("requestBytes", () => {
  it("adds up to no less than the request", () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
      const sum = texts.reduce((total, text) => total + requestBytes(text), 0)
      assert.isAtLeast(sum + 2, Buffer.byteLength(JSON.stringify(texts)))
    }))
  })
})
