import { assert, it } from "@effect/vitest"
import { SegmentId } from "@sheaf/domain/ids"
import type { Prepared } from "./Candidates.ts"
import { bestOf, quality } from "./grid.ts"

const id = (n: number) => SegmentId.make(`00000000-0000-5000-8000-00000000000${n}`)

/** One question whose answer the words miss and the vectors find. */
const question: Prepared = {
  terms: ["roof"],
  weights: [1],
  spoken: true,
  grades: new Map([[id(1), 1]]),
  found: {
    exhausted: true,
    statistics: { segments: 3, averageLength: 5, documentFrequencies: [1] },
    candidates: [
      { segmentId: id(1), frequencies: [0], length: 5, cosine: 0.9 },
      { segmentId: id(2), frequencies: [3], length: 5, cosine: 0.3 }
    ]
  }
}

it("measures what the ranking makes of a setting", () => {
  assert.strictEqual(quality([question], { vectorWeight: 1, cosineFloor: 0 }), 1)
  assert.isBelow(quality([question], { vectorWeight: 0.01, cosineFloor: 0 }), 1)
})

it("prefers the smaller weight among equals", () => {
  const grid = [0.1, 0.2, 0.3].map((vectorWeight) => ({
    vectorWeight,
    cosineFloor: 0,
    ndcg10: vectorWeight < 0.15 ? 0.5 : 0.6
  }))
  assert.strictEqual(bestOf(grid).vectorWeight, 0.2)
})
