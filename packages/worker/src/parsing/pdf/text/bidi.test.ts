import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { logicalOrder } from "./bidi.ts"

const visual = (text: string): string => logicalOrder([...text]).join("")

describe("logicalOrder", () => {
  it("leaves other scripts alone, and loses or adds no letter of any", () => {
    fc.assert(fc.property(fc.array(fc.constantFrom("a", "Z", "1", "7", " ", ".", "-", "é", "日")), (pieces) => {
      assert.deepStrictEqual(logicalOrder(pieces), pieces)
    }))
    fc.assert(fc.property(fc.array(fc.constantFrom("a", "b", "1", " ", ".", "ש", "ل", "ا", "لا")), (pieces) => {
      assert.deepStrictEqual([...logicalOrder(pieces)].sort(), [...pieces].sort())
    }))
  })

  it("turns words that stand from right to left, and keeps numbers and names in them", () => {
    assert.strictEqual(visual("םולש"), "שלום")
    assert.strictEqual(visual("42.5 םולש"), "שלום 42.5")
    assert.strictEqual(visual("םולש Acme Tools 3 לש"), "של Acme Tools 3 שלום")
    assert.strictEqual(visual("The word םולש is a greeting"), "The word שלום is a greeting")
  })

  it("keeps the letters of a ligature in their order", () => {
    assert.strictEqual(logicalOrder(["م", "لا", "س"]).join(""), "سلام")
  })
})
