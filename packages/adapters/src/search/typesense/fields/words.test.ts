import { analyze } from "@sheaf/adapters/text/analyzer"
import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { packFrequencies, unpackFrequencies, wordOf, wordsOf } from "./words.ts"

it("gives every term a word of its own that the engine takes as it is", () => {
  const texts = [
    "Café cafe CAFÉ",
    "c++ c c#",
    "ไทยแลนด์ ภาษา",
    "机器学习 机器",
    "हिन्दी हिंदी",
    "x-ray xray ray",
    "x".repeat(300),
    "x".repeat(301)
  ]
  const terms = new Set(texts.flatMap((text) => Array.from(analyze(text).terms.keys())))
  const words = new Set([...terms].map(wordOf))
  assert.strictEqual(words.size, terms.size)
  for (const word of words) assert.match(word, /^[a-z0-9]{1,40}$/)
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (a, b) => {
    assert.match(wordOf(a), /^[a-z0-9]{1,40}$/)
    assert.strictEqual(wordOf(a) === wordOf(b), a === b)
  }))
})

it("keeps the frequencies of words", () => {
  const terms = new Map([["turbin", 3], ["valv", 1], ["机", 7], ["often", 400]])
  const kept = unpackFrequencies(packFrequencies(wordsOf(terms)))
  assert.deepStrictEqual([...kept.values()], [3, 1, 7, 255])
  assert.strictEqual(kept.get("turbin"), 3)
  assert.strictEqual(unpackFrequencies("").size, 0)
})
