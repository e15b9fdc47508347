import { assert, it } from "@effect/vitest"
import { pageRange } from "./pageRange.ts"

const on = (page: number, pageLabel?: string) => ({
  page,
  ...(pageLabel !== undefined && { pageLabel }),
  x0: 0,
  y0: 0,
  x1: 1,
  y1: 1
})

it("says pages as the document calls them, and which they are", () => {
  assert.strictEqual(pageRange([]), "")
  assert.strictEqual(pageRange([on(3), on(3)]), "3")
  assert.strictEqual(pageRange([on(5), on(3)]), "3–5")
  assert.strictEqual(pageRange([on(4, "iv")]), "iv (4)")
  assert.strictEqual(pageRange([on(6, "1"), on(5, "v")]), "v–1 (5–6)")
  assert.strictEqual(pageRange([on(1, "\u001b[31mred")]), "red (1)")
})
