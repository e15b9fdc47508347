import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { gridsOf, withColumns } from "./grids.ts"
import type { Rule } from "../content/rules.ts"

const places = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 8 }).map((found) =>
  found.sort((a, b) => a - b).map((at) => 12 * at)
)

const drawn = (xs: ReadonlyArray<number>, ys: ReadonlyArray<number>): ReadonlyArray<Rule> => [
  ...ys.map((at) => ({ across: true, at, from: xs[0]!, to: xs.at(-1)! })),
  ...xs.map((at) => ({ across: false, at, from: ys[0]!, to: ys.at(-1)! }))
]

describe("gridsOf", () => {
  it("finds every cell that is drawn, in whatever order and pieces its lines come", () => {
    fc.assert(fc.property(places, places, fc.integer({ min: 1, max: 3 }), (xs, ys, pieces) => {
      const rules = drawn(xs, ys).flatMap((rule) =>
        Array.from({ length: pieces }, (_, at) => {
          const length = (rule.to - rule.from) / pieces
          return { ...rule, from: rule.from + at * length, to: rule.from + (at + 1) * length }
        })
      ).toReversed()
      const [grid, ...others] = gridsOf(rules)
      assert.deepStrictEqual([grid!.xs, grid!.ys, others], [xs, ys, []])
      const cells = (xs.length - 1) * (ys.length - 1)
      assert.deepStrictEqual(grid!.owners.flat(), Array.from({ length: cells }, (_, at) => at))
    }))
  })

  it("takes what no line parts for one cell", () => {
    const [grid] = gridsOf(
      drawn([0, 40, 80, 120], [0, 20, 40]).flatMap((rule) =>
        // The line between the last two columns begins below the first row.
        rule.at === 80 && !rule.across ? [{ ...rule, from: 20 }] : [rule]
      )
    )
    assert.deepStrictEqual(grid!.owners, [[0, 1, 1], [3, 4, 5]])
  })

  it("closes a table that is open at its sides, and knows no table without lines both ways", () => {
    const rules = drawn([0, 60, 120], [0, 20, 40]).filter(({ across, at }) => across || at === 60)
    assert.deepStrictEqual(gridsOf(rules)[0]!.xs, [0, 60, 120])
    assert.deepStrictEqual(gridsOf(rules.filter(({ across }) => across)), [])
    assert.deepStrictEqual(gridsOf([...drawn([0, 60], [0, 40])]), [])
  })

  it("parts columns further, but no cell that goes over several", () => {
    const [grid] = gridsOf(
      drawn([0, 40, 80], [0, 20, 40]).flatMap((rule) =>
        rule.at === 40 && !rule.across ? [{ ...rule, from: 20 }] : [rule]
      )
    )
    assert.deepStrictEqual(withColumns(grid!, [60]), {
      xs: [0, 40, 60, 80],
      ys: [0, 20, 40],
      owners: [[0, 0, 0], [3, 4, 5]]
    })
  })
})
