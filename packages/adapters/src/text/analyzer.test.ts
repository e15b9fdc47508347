import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { analyze, analyzeQuery, highlights } from "./analyzer.ts"
import { guessLanguage } from "./language.ts"

const terms = (text: string) => [...analyze(text).terms.keys()]
const marked = (text: string, query: string) =>
  highlights(text, analyzeQuery(query).terms).map(({ end, start }) => text.slice(start, end))

describe("analyzer", () => {
  it("stems English and counts, without stop words in the length", () => {
    const { length, terms } = analyze("The connections were connected to the connection.")
    assert.strictEqual(terms.get("connect"), 3)
    assert.strictEqual(terms.get("the"), 2)
    assert.strictEqual(length, 4)
  })

  it("keeps combining marks: a Hindi word is one word", () => {
    assert.deepStrictEqual(terms("हिन्दी"), terms("हिन्दी "))
    assert.strictEqual(terms("हिन्दी").length, 1)
  })

  it("gives characters and pairs of scripts without spaces", () => {
    assert.deepStrictEqual(terms("黑豹队"), ["黑", "黑豹", "豹", "豹队", "队"])
    assert.deepStrictEqual(marked("黑豹队的防守", "豹队"), ["豹队"])
    assert.deepStrictEqual(terms("ｶﾞ"), terms("ガ"))
  })

  it("meets spellings with and without accents, in other digits, in capitals and full width", () => {
    for (
      const [a, b] of [["Café", "cafe"], ["STRASSE", "straße"], ["٢٠١٥", "2015"], ["२०१५", "2015"], ["ＡＢＣ", "abc"], [
        "iPhone",
        "iphone"
      ]]
    ) {
      assert.includeMembers(terms(a!), terms(b!))
    }
  })

  it("gives an identifier and its parts", () => {
    assert.includeMembers(terms("run_target"), ["run_target", "run", "target"])
    assert.includeMembers(terms("HTTPServerError"), ["http", "server", "error"])
  })

  it("drops what only makes a question, unless nothing else is left", () => {
    assert.deepStrictEqual(analyzeQuery("What is the purpose of it?").terms, ["purpos"])
    assert.deepStrictEqual(analyzeQuery("who is it").terms, ["who"])
    assert.deepStrictEqual(analyzeQuery("to be or not to be").terms, ["to", "be", "or", "not"])
    assert.deepStrictEqual(analyzeQuery("costs of IT").terms, ["cost", "it"])
    assert.deepStrictEqual(analyzeQuery("").terms, [])
  })

  it("counts repeated words of a query", () => {
    assert.deepStrictEqual(analyzeQuery("boundary layer boundary").weights, [2, 1])
  })

  it("cuts what is no word, so that a term is always short", () => {
    assert.isTrue(terms("x".repeat(100_000)).every((term) => term.length <= 64))
  })

  it("shows whole words for stems, and parts for parts", () => {
    assert.deepStrictEqual(marked("Heated wings, heating a wing", "wing heats"), ["Heated", "wings", "heating", "wing"])
    assert.deepStrictEqual(marked("call runTarget now", "target"), ["Target"])
  })

  it("guesses the language", () => {
    assert.strictEqual(guessLanguage("The connections were connected to the connection."), "en")
    assert.strictEqual(
      guessLanguage("Wie viele Punkte gab die Verteidigung auf, und was ist mit dem Rest?"),
      "de"
    )
    assert.strictEqual(guessLanguage("パンサーズの守備は何点を与えましたか"), "ja")
    assert.strictEqual(guessLanguage("كم نقطة تخلى عنها"), "ar")
    assert.strictEqual(guessLanguage("12.5 37 48"), "und")
  })

  it("lets every word of a text be found by itself, and marks inside the text only", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const { terms } = analyze(text)
      assert.isTrue(analyzeQuery(text).terms.every((term) => terms.has(term)))
      let last = -1
      for (const { end, start } of highlights(text, terms.keys())) {
        assert.isTrue(start > last && start < end && end <= text.length)
        last = end
      }
    }))
  })
})
