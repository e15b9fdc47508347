import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { checkChange, checkMetadata, type MetadataFields, MetadataFields as Fields } from "./fields.ts"
import type { Metadata } from "./Metadata.ts"

const fields: MetadataFields = [
  { name: "year", type: "number", required: true },
  { name: "due", type: "time" },
  { name: "tags", type: "strings" },
  { name: "open", type: "boolean" },
  { name: "title", type: "string" }
]

const problemsOf = (metadata: Metadata) => checkMetadata(fields, metadata)?.problems.map(({ field }) => field) ?? []
const changed = (before: Metadata, after: Metadata) =>
  checkChange(fields, before, after)?.problems.map(({ field }) => field) ?? []

describe("metadata fields", () => {
  it("name every field that does not fit, and say what it must be", () => {
    const error = checkMetadata(fields, { due: "soon", tags: "a", open: 1, title: false })
    assert.deepStrictEqual(error?.problems.map(({ field }) => field), ["year", "due", "tags", "open", "title"])
    assert.include(error?.message, "\"year\" is required")
    assert.include(error?.message, "2026-05-01T12:00:00Z")
  })

  it("allow what fits, and whatever they do not name", () => {
    for (const due of ["2026-05-01", "2026-05-01T12:00:00Z", "2026-05-01T12:00:00.5+02:00", "2024-02-29"]) {
      assert.deepStrictEqual(problemsOf({ year: 1, due, tags: ["a"], open: true, title: "t", other: 7 }), [])
    }
    for (const due of ["2026-13-01", "2026-02-30", "2025-02-29", "2026-05-01T25:00:00Z", "2026-05-01T12:00:00", "1"]) {
      assert.deepStrictEqual(problemsOf({ year: 1, due }), ["due"])
    }
  })

  it("hold a change to account for what it changes alone", () => {
    // Both are from before the fields were.
    const old: Metadata = { due: "soon", note: "x" }
    assert.deepStrictEqual(changed(old, { ...old, title: "t" }), [])
    assert.deepStrictEqual(changed(old, { ...old, due: "later" }), ["due"])
    assert.deepStrictEqual(changed({ year: 1 }, {}), ["year"])
    assert.deepStrictEqual(changed({ year: 1 }, { year: "2" }), ["year"])
  })

  it("are named once each", () => {
    const is = Schema.is(Fields)
    assert.isTrue(is(fields))
    assert.isFalse(is([...fields, { name: "year", type: "string" }]))
    assert.isFalse(is([{ name: "a b", type: "string" }]))
  })
})
