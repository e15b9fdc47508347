import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readingOrder } from "./readingOrder.ts"

const at = (name: string, x0: number, y0: number, x1: number, y1: number) => ({ name, place: { x0, y0, x1, y1 } })
const names = (shapes: ReadonlyArray<{ readonly name: string }>) => shapes.map(({ name }) => name).join("")

describe("readingOrder", () => {
  it("reads columns below each other, and what goes across before and after them", () => {
    assert.strictEqual(
      names(readingOrder([
        at("f", 0, 90, 100, 100),
        at("e", 55, 40, 100, 80),
        at("c", 0, 38, 45, 80),
        at("d", 55, 20, 100, 40),
        at("a", 0, 0, 100, 10),
        at("b", 0, 20, 45, 38)
      ])),
      "abcdef"
    )
  })

  it("reads rows of cards row by row, and shapes that overlap from the top", () => {
    const cards = [at("d", 35, 60, 65, 90), at("b", 35, 10, 65, 40), at("a", 0, 12, 30, 40), at("c", 0, 60, 30, 90)]
    assert.strictEqual(names(readingOrder(cards)), "abcd")
    assert.strictEqual(names(readingOrder([at("b", 10, 20, 90, 80), at("a", 0, 10, 60, 60)])), "ab")
  })

  const side = fc.nat(20)
  const shapes = fc.uniqueArray(fc.tuple(side, side, side, side), { maxLength: 12, selector: (each) => each.join() })

  it("reads each shape once, in an order that does not depend on how they come", () => {
    fc.assert(fc.property(shapes, (corners) => {
      const given = corners.map(([x, y, width, height], index) => at(`${index},`, x, y, x + width, y + height))
      const order = readingOrder(given)
      assert.deepStrictEqual(
        order.toSorted((a, b) => a.name.localeCompare(b.name)),
        given.toSorted((a, b) => a.name.localeCompare(b.name))
      )
      // Places that are the same from every side keep their order: those differ here in size at least.
      assert.deepStrictEqual(
        readingOrder(given.toReversed()).map(({ place }) => `${place.x0},${place.y0}`),
        order.map(({ place }) => `${place.x0},${place.y0}`)
      )
    }))
  })

  it("reads what has no width in the same order however it comes", () => {
    for (
      const pair of [[at("a", 0, 0, 0, 2), at("b", 0, 1, 0, 1)], [at("a", 0, 4, 1, 4), at("b", 1, 4, 1, 4)]]
    ) {
      assert.strictEqual(names(readingOrder(pair)), "ab")
      assert.strictEqual(names(readingOrder(pair.toReversed())), "ab")
    }
  })
})
