import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { compoundsIn } from "./hyphens.ts"
import { joinLines } from "./runText.ts"

const joined = (first: string, second: string, text = "") => joinLines(first, second, new Set(compoundsIn(text)))

describe("joinLines", () => {
  it("puts together what was broken at the end of a line", () => {
    assert.strictEqual(joined("a state of the sys-", "tem that is known"), "a state of the system that is known")
    assert.strictEqual(joined("the soft\u00ad", "ware"), "the software")
    assert.strictEqual(joined("two lines", "of words"), "two lines of words")
    assert.strictEqual(joined("日本語の", "文章"), "日本語の文章")
  })

  it("keeps a hyphen that belongs to the word", () => {
    assert.strictEqual(joined("it is state-of-the-", "art"), "it is state-of-the-art")
    assert.strictEqual(joined("for mixed-", "mode programs"), "for mixed-mode programs")
    assert.strictEqual(joined("a trace-", "based compiler", "Trace-based ones are fast."), "a trace-based compiler")
    assert.strictEqual(joined("a trace-", "based compiler"), "a tracebased compiler")
  })

  it("keeps any word that the document writes with a hyphen", () => {
    const word = fc.stringMatching(/^[a-z]{2,9}$/)
    fc.assert(fc.property(word, word, (a, b) => {
      assert.strictEqual(joined(`x ${a}-`, `${b} y`, `We know ${a}-${b}, and others.`), `x ${a}-${b} y`)
    }))
  })
})
