import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { slicesOf } from "./units.ts"

describe("units of embedding and indexing", () => {
  it("hold every segment once, in order, and none holds too many", () => {
    fc.assert(fc.property(fc.nat(5_000), (total) => {
      const slices = slicesOf(total)
      assert.deepStrictEqual([0, ...slices.map(({ to }) => to)], [...slices.map(({ from }) => from), total])
      assert.isTrue(slices.every(({ from, to }) => to > from && to - from <= 96))
    }))
  })

  it("are few for a long document, and several for one of a hundred segments", () => {
    assert.strictEqual(slicesOf(800).length, 12)
    assert.strictEqual(slicesOf(100).length, 4)
    assert.deepStrictEqual(slicesOf(1), [{ from: 0, to: 1 }])
  })
})
