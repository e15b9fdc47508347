import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { makeLine } from "./Line.ts"

const limits = { items: 3, tokens: 1_000, bytes: 1_000 }
const item = (name: string, urgent = false) => ({ name, urgent, tokens: 1, bytes: 1 })
const names = (group: ReadonlyArray<{ readonly name: string }> | undefined) => group?.map(({ name }) => name).join("")

describe("Line", () => {
  it("puts urgent items first, what came back before the rest, and groups apart before what shares a request", () => {
    const line = makeLine<ReturnType<typeof item>>()
    line.offer([item("a"), item("b"), item("c"), item("d")])
    line.putBack([item("x"), item("y")])
    line.putBackApart([[item("1"), item("2")], [item("3")]])
    line.offer([item("q", true)])
    const order = Array.from({ length: 6 }, () => names(line.next(limits)))
    assert.deepStrictEqual(order, ["q", "12", "3", "xya", "bcd", undefined])
  })

  it("forgets what is withdrawn, from groups too", () => {
    const line = makeLine<ReturnType<typeof item>>()
    const [a, b, c] = [item("a"), item("b"), item("c")]
    line.offer([a])
    line.putBackApart([[b, c], [item("d")]])
    line.withdraw(new Set([a, b]))
    assert.strictEqual(line.size(), 2)
    assert.deepStrictEqual([names(line.next(limits)), names(line.next(limits)), line.next(limits)], [
      "c",
      "d",
      undefined
    ])
  })

  it("loses nothing and gives nothing twice", () => {
    const step = fc.oneof(
      fc.constant("next" as const),
      fc.record({ urgent: fc.boolean(), count: fc.integer({ min: 1, max: 5 }) })
    )
    fc.assert(fc.property(fc.array(step), (steps) => {
      const line = makeLine<ReturnType<typeof item>>()
      const offered: Array<string> = []
      const taken: Array<string> = []
      for (const step of steps) {
        if (step === "next") taken.push(...(line.next(limits) ?? []).map(({ name }) => name))
        else {
          const items = Array.from({ length: step.count }, (_, i) => item(`${offered.length + i}`, step.urgent))
          offered.push(...items.map(({ name }) => name))
          line.offer(items)
        }
      }
      assert.sameMembers([...taken, ...line.drain().map(({ name }) => name)], offered)
      assert.strictEqual(line.size(), 0)
    }))
  })
})
