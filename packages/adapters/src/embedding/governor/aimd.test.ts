import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Aimd from "./aimd.ts"

const options = { min: 1, start: 4, max: 16 }
const ok = (now: number, took = 100): Aimd.Answered => ({ now, sentAt: now - took, size: 1_000, saturated: true })

describe("aimd", () => {
  it("starts within its bounds and stays there, whatever happens", () => {
    const event = fc.record({
      isOverload: fc.boolean(),
      took: fc.integer({ min: 0, max: 100_000 }),
      size: fc.integer({ min: 0, max: 100_000 }),
      saturated: fc.boolean()
    })
    fc.assert(fc.property(fc.array(event), fc.integer({ min: -5, max: 50 }), (events, start) => {
      const bounds = { ...options, start }
      let state = Aimd.start(bounds)
      let now = 0
      for (const { isOverload, ...event } of events) {
        now += 50
        const answered = { ...event, now, sentAt: now - event.took }
        state = isOverload ? Aimd.overloaded(state, answered, bounds) : Aimd.answered(state, answered, bounds)
        assert.isAtLeast(state.limit, bounds.min)
        assert.isAtMost(state.limit, bounds.max)
      }
    }))
  })

  it("grows by about one a round while the limit is what holds it back", () => {
    let state = Aimd.start(options)
    for (let i = 0; i < 4; i++) state = Aimd.answered(state, ok(i), options)
    assert.closeTo(state.limit, 5, 0.15)
    const idle = Aimd.answered(state, { ...ok(9), saturated: false }, options)
    assert.strictEqual(idle.limit, state.limit)
  })

  it("halves once for a burst of refusals", () => {
    let state = Aimd.start({ ...options, start: 8 })
    state = Aimd.overloaded(state, { now: 1_000, sentAt: 900 }, options)
    assert.strictEqual(state.limit, 4)
    for (const sentAt of [890, 950, 999]) {
      assert.strictEqual(Aimd.overloaded(state, { now: 1_010, sentAt }, options), state)
    }
    assert.strictEqual(Aimd.overloaded(state, { now: 1_100, sentAt: 1_050 }, options).limit, 2)
  })

  it("gives way when answers take several times as long as usual, and gets used to what stays", () => {
    let state = Aimd.answered(Aimd.start(options), ok(1_000), options)
    const before = state.limit
    state = Aimd.answered(state, ok(3_000, 500), options)
    assert.isBelow(state.limit, before)
    for (let i = 0; i < 200; i++) state = Aimd.answered(state, ok(10_000 + i * 1_000, 500), options)
    assert.strictEqual(state.limit, options.max)
  })

  it("does not take a large request for a slow server", () => {
    const small = Aimd.answered(Aimd.start(options), { ...ok(1_000, 10), size: 10 }, options)
    assert.isAbove(Aimd.answered(small, { ...ok(2_000, 400), size: 16_000 }, options).limit, small.limit)
  })
})
