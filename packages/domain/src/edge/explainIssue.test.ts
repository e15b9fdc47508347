import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Filter } from "../search/Filter.ts"
import { explainIssue } from "./explainIssue.ts"

const decode = Schema.decodeUnknownResult(Filter, { errors: "all", onExcessProperty: "error" })

const explained = (given: unknown): string =>
  Result.match(decode(given), { onSuccess: () => "fits", onFailure: ({ issue }) => explainIssue(issue) })

describe("what does not fit one of several shapes", () => {
  it("is said of the shape that was meant", () => {
    assert.strictEqual(explained({ field: "year", gte: 2024 }), "fits")
    assert.strictEqual(explained({ field: "year", eq: null }), "Expected string | number | boolean\n  at [\"eq\"]")
    assert.strictEqual(
      explained({ field: "the year", eq: 1 }),
      "Expected the name of a field of metadata, or $name, $mediaType, $documentId or $createdAt\n  at [\"field\"]"
    )
    assert.strictEqual(
      explained({ and: [{ field: "year" }] }),
      "Expected a comparison: eq, in, gt, gte, lt, lte, contains or exists\n  at [\"and\"][0]"
    )
    assert.strictEqual(
      explained({ not: { field: "year", equals: 1 } }),
      "Expected no excess property\n  at [\"not\"][\"equals\"]"
    )
  })

  it("names the keys where no shape has all of its own", () => {
    assert.strictEqual(explained({ year: 2024 }), "Missing key, one of \"and\", \"or\", \"not\", \"field\"")
    assert.strictEqual(explained("year"), "Expected object")
  })

  it("is said whole of a single shape", () => {
    const single = Schema.decodeUnknownResult(Schema.Struct({ a: Schema.Int, b: Schema.Int }), { errors: "all" })
    const found = Result.match(single({ a: 0.5 }), {
      onSuccess: () => "",
      onFailure: ({ issue }) => explainIssue(issue)
    })
    assert.strictEqual(found, "Expected an integer\n  at [\"a\"]\nMissing key\n  at [\"b\"]")
  })
})
