import { assert, it } from "@effect/vitest"
import type { Box } from "@sheaf/domain/documents/Element"
import { regionsOf } from "./drawTables.ts"

const box = (page: number, x0: number, y0: number, x1: number, y1: number): Box => ({ page, x0, y0, x1, y1 })

it("shows a table once on each page that it stands on, with some white around it", () => {
  const regions = regionsOf([box(1, 0.1, 0.8, 0.9, 0.9), box(1, 0.2, 0.9, 0.95, 1), box(2, 0.1, 0, 0.9, 0.2)])
  assert.deepStrictEqual(regions.map(({ page }) => page), [1, 2])
  assert.closeTo(regions[0]!.x0, 0.094, 1e-9)
  assert.closeTo(regions[0]!.x1, 0.956, 1e-9)
  assert.strictEqual(regions[0]!.y1, 1)
  assert.strictEqual(regions[1]!.y0, 0)
})

it("shows nothing of what has no size", () => {
  assert.deepStrictEqual(regionsOf([box(1, 0.5, 0.5, 0.5, 0.9), box(2, 0.1, 0.5, 0.9, 0.505)]), [])
})
