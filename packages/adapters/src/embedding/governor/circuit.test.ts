import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { backoff } from "./backoff.ts"
import * as Circuit from "./circuit.ts"

const trip = { downs: 3, overloads: 5 }

describe("circuit", () => {
  it("trips at so many failures of a kind in a row, and not before", () => {
    const kinds = fc.array(fc.constantFrom("down" as const, "overloaded" as const, "ok" as const))
    fc.assert(fc.property(kinds, (events) => {
      let circuit = Circuit.closed
      let row: Array<string> = []
      for (const event of events) {
        if (event === "ok") {
          circuit = Circuit.succeeded(circuit)
          row = []
          continue
        }
        row.push(event)
        const next = Circuit.failed(circuit, event, trip)
        const count = (kind: string) => row.filter((one) => one === kind).length
        const isTooMuch = count("down") >= trip.downs || count("overloaded") >= trip.overloads
        assert.strictEqual(next === "trip", isTooMuch)
        if (next === "trip") return
        circuit = next
      }
    }))
  })

  it("is not moved by late answers while it is open, and remembers how often it opened until real work succeeds", () => {
    const open = Circuit.opened(Circuit.closed, 1_000)
    assert.strictEqual(Circuit.failed(open, "down", trip), open)
    assert.strictEqual(Circuit.succeeded(open), open)
    const again = Circuit.opened(Circuit.recovered(Circuit.probing(open)), 3_000)
    assert.deepStrictEqual(again, { _tag: "Open", until: 3_000, openings: 2 })
    assert.deepStrictEqual(Circuit.succeeded(Circuit.recovered(Circuit.probing(again))), Circuit.closed)
  })
})

describe("backoff", () => {
  it("lies between half and all of a doubling time, which has an end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, jitter) => {
        const wait = backoff(attempt, jitter, { first: 200, longest: 5_000 })
        const full = Math.min(5_000, 200 * 2 ** Math.max(0, attempt - 1))
        assert.isAtLeast(wait, full / 2)
        assert.isAtMost(wait, full)
      })
    )
  })
})
