import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { Metadata } from "./Metadata.ts"

const decode = Schema.decodeUnknownOption(Metadata)

it("takes every field or none: a name that does not fit is refused, not dropped", () => {
  assert.deepStrictEqual(decode({ year: 2026, "a.b-c_d": ["x", "y"], draft: false })._tag, "Some")
  for (const metadata of [{ "a b": 1 }, { ok: 1, "1st": 2 }, { ["a".repeat(65)]: 1 }, { "": 1 }, { $name: "x" }]) {
    assert.strictEqual(decode(metadata)._tag, "None", JSON.stringify(metadata))
  }
  assert.strictEqual(decode(Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, at])))._tag, "None")
  assert.strictEqual(decode({ n: Number.NaN })._tag, "None")
})
