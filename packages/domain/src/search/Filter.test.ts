import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Filter } from "./Filter.ts"

const accepts = Schema.is(Filter)
const nested = (levels: number): unknown => levels === 0 ? { field: "a", eq: 1 } : { not: nested(levels - 1) }

describe("Filter", () => {
  it("is a tree of typed conditions", () => {
    for (
      const filter of [
        { field: "year", gte: 2020, lt: 2024 },
        { field: "$name", eq: "manual.pdf" },
        { field: "tags", contains: "x" },
        {
          and: [{ field: "a", in: [1, "2", true] }, {
            or: [{ field: "b", exists: false }, { not: { field: "c", eq: "d" } }]
          }]
        }
      ]
    ) assert.isTrue(accepts(filter), JSON.stringify(filter))
  })

  it("has no place for text of a query language, unknown fields of the document or empty trees", () => {
    for (
      const filter of [
        "year > 2020",
        { field: "a || true", eq: 1 },
        { field: "$tenantId", eq: "x" },
        { field: "a" },
        { and: [] },
        { field: "a", in: [] },
        { field: "a", eq: Number.NaN }
      ]
    ) assert.isFalse(accepts(filter), JSON.stringify(filter))
  })

  it("is at most 6 levels deep and 64 conditions wide", () => {
    assert.isTrue(accepts(nested(5)))
    assert.isFalse(accepts(nested(6)))
    const wide = (count: number) => ({ or: Array.from({ length: count }, (_, index) => ({ field: "n", eq: index })) })
    assert.isTrue(accepts(wide(64)))
    assert.isFalse(accepts({ and: [wide(40), wide(40)] }))
  })
})
