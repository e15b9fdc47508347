import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { artefactOf, inTurns, rangesOf } from "./artefact.ts"

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

  it("with pages that are wanted, is those of them that there are, once each and in order", () => {
    const wanted = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 300 })), {
      minLength: 1
    })
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), wanted, (pages, gaps) => {
      // In order and apart from each other, as settings are kept.
      let end = 0
      const ranges = gaps.map(([gap, length]) => {
        const first = end + gap + 2
        end = first + length
        return { first, last: end }
      })
      const pagesOf = (all: ReadonlyArray<{ readonly first: number; readonly last: number }>) =>
        all.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
      assert.deepStrictEqual(
        pagesOf(rangesOf(pages, ranges).map((range) => range!)),
        pagesOf(ranges).filter((page) => page <= pages)
      )
    }))
    assert.deepStrictEqual(rangesOf(0, [{ first: 1, last: 2 }]), [null])
  })
})

describe("inTurns", () => {
  it("is all of them once, the first at first, and each half in its order", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 40 }), (count) => {
      const all = Array.from({ length: count }, (_, at) => at)
      const order = inTurns(all)
      assert.deepStrictEqual(order.toSorted((a, b) => a - b), all)
      assert.strictEqual(order[0], all[0])
      const half = Math.ceil(count / 2)
      assert.deepStrictEqual(order.filter((at) => at < half), all.slice(0, half))
      assert.deepStrictEqual(order.filter((at) => at >= half), all.slice(half))
    }))
  })
})

describe("artefactOf", () => {
  it("names what depends on the same things alike, and nothing else", () => {
    const content = { contentHash: "0".repeat(64), hint: "a.md" }
    const names = [
      artefactOf(content, null),
      artefactOf({ ...content, edition: 1 }, null),
      artefactOf({ ...content, bare: true }, null),
      artefactOf({ ...content, textAs: "text/plain" }, null),
      artefactOf(content, { first: 1, last: 2 }),
      artefactOf({ ...content, hint: "a.txt" }, null)
    ]
    assert.strictEqual(new Set(names).size, names.length)
    assert.strictEqual(artefactOf({ ...content, edition: 0, textAs: undefined }, null), names[0])
  })
})
