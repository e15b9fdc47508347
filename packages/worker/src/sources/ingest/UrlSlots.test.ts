import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { UrlSlots } from "./UrlSlots.ts"

describe("UrlSlots", () => {
  it("leaves half of the hands to what needs no foreign server, and half of the rest to other tenants", () => {
    const slots = new UrlSlots(16)
    const taken = (tenant: string) => Array.from({ length: 16 }, () => slots.take(tenant)).filter(Boolean).length
    assert.deepStrictEqual(["a", "b", "c"].map(taken), [4, 4, 0])
    slots.giveBack("a")
    assert.deepStrictEqual([slots.take("b"), slots.take("c"), slots.take("a")], [false, true, false])
  })

  it("gives every tenant one at least, with however few hands", () => {
    for (const hands of [1, 2, 3]) {
      const slots = new UrlSlots(hands)
      assert.isTrue(slots.take("a"))
      slots.giveBack("a")
      assert.isTrue(slots.take("b"))
    }
  })

  it("never forgets one, whatever the order", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c")), fc.integer({ min: 1, max: 20 }), (tenants, hands) => {
        const slots = new UrlSlots(hands)
        const all = Math.max(1, Math.floor(hands / 2))
        const held = tenants.filter((tenant) => slots.take(tenant))
        assert.isAtMost(held.length, all)
        for (const tenant of held) slots.giveBack(tenant)
        assert.isTrue(slots.take("a"))
      })
    )
  })
})
