import { assert, it } from "@effect/vitest"
import { estimate } from "./estimate.ts"

const span = (began: number, ended: number) => ({ began, ended })

it("says nothing from fewer than three documents, or when none took so long", () => {
  assert.isNull(estimate([], { ahead: 0, worked: 0 }))
  assert.isNull(estimate([span(9, 1), span(9, 1)], { ahead: 0, worked: 0 }))
  assert.isNull(estimate([span(9, 1), span(9, 1), span(9, 1)], { ahead: 0, worked: 8 }))
})

it("adds the pace of those ahead to the time that such a document takes itself", () => {
  // Two at a time for ten seconds, then nothing for a while, then one: 15 busy seconds for five documents.
  const spans = [span(110, 105), span(110, 105), span(105, 100), span(105, 100), span(25, 20)]
  assert.strictEqual(estimate(spans, { ahead: 0, worked: 0 }), 5)
  assert.strictEqual(estimate(spans, { ahead: 4, worked: 0 }), 4 * 3 + 5)
})

it("expects of one that is at work what those took that took longer", () => {
  const spans = [span(10, 8), span(20, 16), span(40, 30)]
  assert.strictEqual(estimate(spans, { ahead: 0, worked: 3 }), (4 + 10) / 2 - 3)
})
