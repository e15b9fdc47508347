import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { rangesOf } from "./artefact.ts"

describe("rangesOf", () => {
  it("is every page once, in order, in ranges of much the same length", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5_000 }), (pages) => {
      const ranges = rangesOf(pages).map((range) => range!)
      let next = 1
      for (const { first, last } of ranges) {
        assert.strictEqual(first, next)
        next = last + 1
      }
      assert.strictEqual(next, pages + 1)
      const lengths = ranges.map(({ first, last }) => last - first + 1)
      assert.isAtMost(Math.max(...lengths), 64)
      assert.isAtMost(Math.max(...lengths) - Math.min(...lengths), 1)
      assert.isTrue(ranges.length === 1 || ranges.length % 2 === 0)
    }))
  })

  it("is one for a format without pages, and for a short document", () => {
    assert.deepStrictEqual(rangesOf(0), [null])
    assert.deepStrictEqual(rangesOf(40), [{ first: 1, last: 40 }])
  })
})
