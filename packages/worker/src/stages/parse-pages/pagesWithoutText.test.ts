import { assert, describe, it } from "@effect/vitest"
import type { Element } from "@sheaf/domain/documents/Element"
import * as fc from "fast-check"
import { cutAt, PageTexts } from "./pagesWithoutText.ts"
import { inPageOrder } from "@sheaf/adapters/repos/runs/unitSpec"

const box = (page: number) => ({ page, x0: 0, y0: 0, x1: 1, y1: 1 })

describe("PageTexts", () => {
  it("misses pages without an element, and those with pictures alone", () => {
    const texts = new PageTexts()
    const elements: ReadonlyArray<Element> = [
      { kind: "paragraph", text: "goes on", boxes: [box(3), box(4)] },
      { kind: "image", text: "a scan", boxes: [box(5)] },
      { kind: "table", text: "a | b", boxes: [box(7)] }
    ]
    for (const element of elements) texts.add(element)
    assert.deepStrictEqual(texts.missing({ first: 2, last: 7 }), [2, 5, 6])
  })
})

describe("cutAt", () => {
  it("gives parts that are the range, in order, none with more of the pages than it may have", () => {
    fc.assert(fc.property(
      fc.uniqueArray(fc.integer({ min: 10, max: 80 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      (some, most) => {
        const pages = some.toSorted((one, other) => one - other)
        const parts = cutAt({ first: 10, last: 80 }, pages, most)
        assert.strictEqual(parts.length, Math.ceil(pages.length / most))
        let next = 10
        for (const { first, last } of parts) {
          assert.strictEqual(first, next)
          next = last + 1
          assert.isAtMost(pages.filter((page) => page >= first && page <= last).length, most)
        }
        assert.strictEqual(next, 81)
      }
    ))
  })
})

describe("inPageOrder", () => {
  it("goes by pages, not by when a unit was planned", () => {
    const units = [
      { name: "first", spec: { range: { first: 1, last: 6 } } },
      { name: "third", spec: { range: { first: 65, last: 128 } } },
      { name: "second", spec: { range: { first: 7, last: 64 } } }
    ]
    assert.deepStrictEqual(inPageOrder(units).map(({ name }) => name), ["first", "second", "third"])
    assert.deepStrictEqual(inPageOrder([{ spec: {} }]), [{ spec: {} }])
    assert.deepStrictEqual(inPageOrder([{ spec: { range: null } }]), [{ spec: { range: null } }])
  })
})
