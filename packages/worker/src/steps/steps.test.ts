import { assert, describe, it } from "@effect/vitest"
import { makePattern, patternProblem } from "@sheaf/adapters/text/pattern"
import { checkPipeline } from "@sheaf/domain/pipelines/checkPipeline"
import * as fc from "fast-check"
import { withoutUnseen } from "./control-characters/controlCharacters.ts"
import { keywordsOf } from "./keywords/keywords.ts"
import { masked } from "./mask/mask.ts"
import { withoutExtraSpace } from "./whitespace/whitespace.ts"

const anything = fc.string({ unit: "grapheme", maxLength: 200 })

describe("steps", () => {
  it("done twice are done once: white space, unseen characters, addresses", () => {
    const what = ["urls", "emails", "ip-addresses", "phone-numbers"] as const
    fc.assert(fc.property(anything, (text) => {
      for (const step of [withoutExtraSpace, withoutUnseen, (text: string) => masked(text, { what })]) {
        assert.strictEqual(step(step(text)), step(text))
      }
      assert.notMatch(withoutExtraSpace(text), /^\s|\s$|\n\n|  /)
    }))
  })

  it("take addresses out and nothing else", () => {
    const all = { what: ["urls", "emails", "ip-addresses", "phone-numbers"] } as const
    const text = "See https://a.example/x?y=1, mail b.c@d.example. From 10.0.0.1 or fe80::1; call +49 30 1234567."
    assert.strictEqual(
      masked(text, all),
      "See [url], mail [email]. From [ip-address] or [ip-address]; call [phone-number]."
    )
    assert.strictEqual(masked("b@c.example!", { what: ["emails"], action: "remove" }), "!")
    assert.strictEqual(masked("b@c.example!", { what: ["emails"], with: "$&" }), "$&!")
    const plain = "At 12:30:45 on 2026-11-23 version 1.2.3 of part 4711 was 1,000 long; a@b is none."
    assert.strictEqual(masked(plain, all), plain)
  })

  it("take time in proportion to hostile texts", () => {
    const what = ["urls", "emails", "ip-addresses", "phone-numbers"] as const
    for (const piece of ["a", "1", ":", "a.", "0 ", "http://", "a@", "+1 ("]) {
      const begin = performance.now()
      masked(piece.repeat(16_384 / piece.length), { what })
      assert.isBelow(performance.now() - begin, 2_000, piece)
    }
  })

  it("name the words that a text uses most", () => {
    assert.deepStrictEqual(keywordsOf("The anchor and the sails: anchor chain, anchor.", 2), ["anchor", "sails"])
    fc.assert(fc.property(anything, fc.integer({ min: 1, max: 10 }), (text, most) => {
      const found = keywordsOf(text, most)
      assert.isAtMost(found.length, most)
      assert.strictEqual(new Set(found).size, found.length)
    }))
  })
})

describe("patterns of users", () => {
  it("replace as the language's own do, where both know the syntax", () => {
    const pattern = fc.constantFrom("a+", "(a)(b)?", "[ab]{2,3}", "^a", "b$", "a|b", "x*")
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom("a", "b", " ", "\n"), maxLength: 30 }),
        (pattern, text) => {
          const own = text.replace(new RegExp(pattern, "gm"), "<$&>")
          assert.strictEqual(makePattern(pattern).replace(text, "<$&>", 10_000), own)
        }
      )
    )
  })

  it("that would take for ever elsewhere are quick, and those that cannot be are told", () => {
    const text = "a".repeat(10_000)
    for (const pattern of ["(a*)*b", "(a|aa)+$", "(a+)+!", "(.*)*x"]) {
      const begin = performance.now()
      makePattern(pattern).replace(text, "", 100_000)
      assert.isBelow(performance.now() - begin, 2_500, pattern)
    }
    for (const pattern of ["(?=a)", "(a)\\1", "(", "(?:a{100}){100}", "a{1000}"]) {
      assert.isString(patternProblem(pattern))
    }
    assert.isNull(makePattern("").replace("a".repeat(100), "x".repeat(100), 1_000))
    assert.isNull(patternProblem("\\bISBN [0-9-]{10,17}\\b"))
  })
})

describe("checkPipeline", () => {
  it("names step, field and range of all that is wrong", () => {
    const problems = checkPipeline({
      chunk: { maxTokens: 3 },
      clean: [{ step: "replace", pattern: "(" }, { step: "mask", what: [] }],
      enrich: [{ step: "http", name: "mine", url: "ftp://x", batch: 1_000, secret: "short" }, {
        step: "keywords",
        most: 0
      }]
    }, patternProblem)
    assert.deepStrictEqual(problems.map(({ field, step }) => `${step} ${field}`), [
      "chunk maxTokens",
      "clean[0] replace pattern",
      "clean[1] mask what",
      "enrich[0] http url",
      "enrich[0] http batch",
      "enrich[0] http secret",
      "enrich[1] keywords most"
    ])
    assert.include(problems[0]!.problem, "from 16 to 8192")
    assert.include(problems[4]!.problem, "from 1 to 200")
    assert.deepStrictEqual(checkPipeline({}, patternProblem), [])
  })
})
