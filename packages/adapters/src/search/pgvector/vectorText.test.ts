import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { numbersOf, vectorText } from "./vectorText.ts"

const component = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1_000, max: 1_000 })

describe("vectorText", () => {
  it("says the direction of a vector in whole numbers, as they are printed", () => {
    fc.assert(fc.property(fc.array(component, { minLength: 1, maxLength: 40 }), (values) => {
      const scale = 2 ** 20 / (Math.hypot(...values) || 1)
      const whole = values.map((value) => Math.round(value * scale))
      const read = numbersOf(vectorText(Float32Array.from(values)))
      assert.strictEqual(read.length, values.length)
      whole.forEach((value, at) => assert.approximately(read[at]!, value, 1))
    }))
    assert.strictEqual(vectorText(Float32Array.of(3, -4, 0)), "[629146,-838861,0]")
    assert.strictEqual(vectorText(Float32Array.of(0, 0)), "[0,0]")
    assert.strictEqual(vectorText(Float32Array.of(-1)), "[-1048576]")
    assert.strictEqual(vectorText(new Float32Array(0)), "[]")
  })
})
