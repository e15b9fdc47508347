import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { roomFor } from "./demand.ts"

const idle = { concurrency: 4, perSecond: 0, behind: false }

describe("roomFor", () => {
  it("has one hint ready for every free hand, and one", () => {
    assert.strictEqual(roomFor({ pending: 0, taken: 0, asking: 0 }, idle), 1)
    assert.strictEqual(roomFor({ pending: 0, taken: 0, asking: 3 }, idle), 13)
    assert.strictEqual(roomFor({ pending: 1, taken: 4, asking: 0 }, idle), 0)
  })

  it("has half a second's work waiting, and never more than four times what is worked on", () => {
    const fast = { ...idle, perSecond: 10 }
    assert.strictEqual(roomFor({ pending: 0, taken: 4, asking: 0 }, fast), 5)
    assert.strictEqual(roomFor({ pending: 0, taken: 4, asking: 0 }, { ...idle, perSecond: 1_000 }), 12)
    assert.strictEqual(roomFor({ pending: 0, taken: 4, asking: 0 }, { ...fast, behind: true }), 1)
  })

  it("never asks for less than nothing, nor for more than four times the slots", () => {
    const few = fc.nat(500)
    fc.assert(fc.property(
      fc.record({ pending: few, taken: few, asking: few }),
      fc.record({ concurrency: fc.integer({ min: 1, max: 64 }), perSecond: fc.nat(50_000), behind: fc.boolean() }),
      (counts, pace) => {
        const room = roomFor(counts, pace)
        const slots = Math.max(pace.concurrency, counts.taken + counts.asking * pace.concurrency)
        assert.isAtLeast(room, 0)
        if (room > 0) assert.isAtMost(room + counts.pending + counts.taken, 4 * slots)
      }
    ))
  })
})
