import type { Element } from "@sheaf/domain/documents/Element"
import { assert, describe, it } from "@effect/vitest"
import type { TableColumns } from "@sheaf/domain/datasets/TableColumn"
import { Effect } from "effect"
import { paragraph, segmentsOf, tableOf } from "../../../../../test/support/chunking.ts"

const read = Effect.fnUntraced(function*(elements: ReadonlyArray<Element>, columns: TableColumns = [], limit = 512) {
  const warnings: Array<string> = []
  const drafts = yield* segmentsOf(elements, {
    settings: { method: "table", columns },
    limit,
    warn: (detail) => void warnings.push(detail)
  })
  return { drafts, warnings }
})

const shop = [["Name", "Unit price", "Sold", "Since"], ["Kettle", "19.5", "yes", "2024-05-01"], [
  "Pan",
  "dear",
  "no",
  ""
]]

describe("table", () => {
  it.effect("makes a segment of each row, each cell under its name", () =>
    Effect.gen(function*() {
      const { drafts } = yield* read([paragraph("Our goods."), tableOf(shop), paragraph("All in stock.")])
      assert.deepStrictEqual(drafts.map(({ text }) => text), [
        "Our goods.",
        "Name: Kettle\nUnit price: 19.5\nSold: yes\nSince: 2024-05-01",
        "Name: Pan\nUnit price: dear\nSold: no",
        "All in stock."
      ])
      assert.deepStrictEqual(drafts.map(({ fields }) => fields), [undefined, {}, {}, undefined])
    }))

  it.effect("keeps columns as typed fields, and says which cells are none", () =>
    Effect.gen(function*() {
      const { drafts, warnings } = yield* read([tableOf(shop)], [
        { name: "unit price", role: "metadata", type: "number" },
        { name: "Sold", role: "both", type: "boolean" },
        { name: "Since", role: "metadata", type: "time", field: "since" },
        { name: "Weight", role: "none" }
      ])
      assert.deepStrictEqual(
        drafts.map(({ fields, text }) => [text, fields]),
        [
          ["Name: Kettle\nSold: yes", { unit_price: 19.5, Sold: undefined, sold: true, since: "2024-05-01" }],
          ["Name: Pan\nSold: no", { sold: false }]
        ].map(([text, fields]) => [text, JSON.parse(JSON.stringify(fields))])
      )
      assert.deepStrictEqual(warnings, [
        "there is no column \"Weight\"; the table has: Name, Unit price, Sold, Since",
        "row 3: \"dear\" in the column \"unit price\" is no number: the field was left out"
      ])
    }))

  it.effect("cuts a row that is too long, and gives every part its fields and its own box", () =>
    Effect.gen(function*() {
      const boxes = [0, 1, 2].map((at) => ({ page: 1 + at, x0: 0, y0: 0, x1: 1, y1: 1 }))
      const long = "A sentence of some words. ".repeat(30).trim()
      const { drafts } = yield* read(
        [tableOf([["id", "text"], ["1", long], ["2", "short"]], boxes)],
        [{ name: "id", role: "metadata", type: "number" }],
        64
      )
      assert.isAbove(drafts.length, 3)
      for (const { tokens } of drafts) assert.isAtMost(tokens, 64)
      assert.deepStrictEqual(drafts.map(({ fields }) => fields), [...drafts.slice(1).map(() => ({ id: 1 })), { id: 2 }])
      assert.deepStrictEqual(drafts.at(-1)?.boxes, boxes.slice(2))
    }))

  it.effect("counts rows over the parts of a table, and leaves out what has no content", () =>
    Effect.gen(function*() {
      const header = ["id", "text"]
      const columns = [{ name: "id", role: "metadata" }] as const
      const { drafts, warnings } = yield* read(
        [tableOf([header, ["1", "one"], ["", ""]]), tableOf([header, ["3", ""], ["4", "four"]])],
        columns
      )
      assert.deepStrictEqual(drafts.map(({ fields }) => fields), [{ id: "1" }, { id: "4" }])
      assert.deepStrictEqual(warnings, ["row 4: has nothing to be found by, and was left out"])
    }))
})
