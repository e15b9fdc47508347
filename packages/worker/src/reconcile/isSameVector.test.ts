import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isSameVector, readVector } from "./isSameVector.ts"

const component = fc.float({ min: -1, max: 1, noNaN: true })
const vectors = fc.array(component, { minLength: 8, maxLength: 64 })
  .filter((values) => values.some((value) => Math.abs(value) > 0.01))
  .map((values) => Float32Array.from(values))

it("a vector is the same after it was scaled and rounded, and not after it was turned", () => {
  fc.assert(fc.property(vectors, fc.double({ min: 0.01, max: 100, noNaN: true }), (vector, scale) => {
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
    const rounded = vector.map((value) => Math.round(value / length * 1e6) / 1e6 * scale)
    assert.isTrue(isSameVector(vector, rounded))
    assert.isFalse(isSameVector(vector, vector.map((value) => -value)))
    assert.isFalse(isSameVector(vector, null))
    assert.isFalse(isSameVector(vector, vector.slice(1)))
  }))
})

it("bytes that are no vector of the dimension are told from those that are one", () => {
  fc.assert(fc.property(vectors, (vector) => {
    const bytes = new Uint8Array(vector.buffer.slice(0))
    assert.deepStrictEqual(readVector(bytes, vector.length), vector)
    assert.isNull(readVector(bytes, vector.length + 1))
    assert.isNull(readVector(bytes.slice(1), vector.length))
    assert.isNull(readVector(new Uint8Array(bytes.length), vector.length))
  }))
  assert.isNull(readVector(new Uint8Array(Float32Array.of(1, Number.NaN).buffer), 2))
})
