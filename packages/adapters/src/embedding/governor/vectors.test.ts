import { assert, describe, it } from "@effect/vitest"
import { flawOf, floorOf, isNormalised, isSame } from "./vectors.ts"

const vector = (...values: ReadonlyArray<number>) => Float32Array.from(values)

describe("vectors", () => {
  it("are finite, not zero, and of the right dimension", () => {
    assert.isUndefined(flawOf(vector(0, 1), 2))
    assert.include(flawOf(vector(0, 1, 0), 2), "3 dimensions")
    assert.include(flawOf(vector(Number.NaN, 1), 2), "finite")
    assert.include(flawOf(vector(Number.POSITIVE_INFINITY, 1), 2), "finite")
    assert.include(flawOf(vector(0, 0), 2), "zero")
  })

  it("are the same where half precision moves them, and not where another model made them", () => {
    assert.isTrue(isSame(vector(0.6, 0.8), vector(0.601, 0.799)))
    assert.isFalse(isSame(vector(0.6, 0.8), vector(0.8, 0.6)))
    assert.isFalse(isSame(vector(0.6, 0.8), vector(0.6, 0.8, 0)))
    assert.isFalse(isSame(vector(0, 0), vector(0, 0)))
  })

  it("show how alike unrelated texts are, and whether lengths mean anything", () => {
    assert.strictEqual(floorOf([vector(1, 0), vector(0, 1), vector(-1, 0)]), 0)
    assert.strictEqual(floorOf([vector(1, 0), vector(0.6, 0.8)]), 0.6)
    assert.strictEqual(floorOf([vector(1, 0), vector(1, 0)]), 0.95)
    assert.isTrue(isNormalised([vector(0.6, 0.8)]))
    assert.isFalse(isNormalised([vector(0.6, 0.8), vector(3, 4)]))
  })
})
