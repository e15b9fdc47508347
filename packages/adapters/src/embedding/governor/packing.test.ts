import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fitting, packed } from "./packing.ts"

const size = fc.record({ tokens: fc.integer({ min: 0, max: 40 }), bytes: fc.integer({ min: 0, max: 200 }) })
const limits = fc.record({
  items: fc.integer({ min: 1, max: 6 }),
  tokens: fc.integer({ min: 1, max: 100 }),
  bytes: fc.integer({ min: 1, max: 400 })
})
const total = (items: ReadonlyArray<{ readonly tokens: number; readonly bytes: number }>, key: "tokens" | "bytes") =>
  items.reduce((sum, item) => sum + item[key], 0)

describe("packing", () => {
  it("never goes over a limit but with a single item, and never stops before one", () => {
    fc.assert(fc.property(fc.array(size, { minLength: 1 }), limits, (items, limits) => {
      const count = fitting(items, limits)
      const batch = items.slice(0, count)
      const isOver = (batch: typeof items) =>
        batch.length > limits.items || total(batch, "tokens") > limits.tokens || total(batch, "bytes") > limits.bytes
      assert.isAtLeast(count, 1)
      if (count > 1) assert.isFalse(isOver(batch))
      if (count < items.length) assert.isTrue(isOver(items.slice(0, count + 1)))
    }))
  })

  it("packs everything once, in order", () => {
    fc.assert(fc.property(fc.array(size), limits, (items, limits) => {
      assert.deepStrictEqual(packed(items, limits).flat(), items)
    }))
    assert.strictEqual(fitting([], { items: 1, tokens: 1, bytes: 1 }), 0)
  })
})
