import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { SourceUnreadable } from "@sheaf/sdk/effect"
import { fateOf, Hung } from "./fate.ts"
import { metadataOf } from "./metadata.ts"
import { add, empty, unpublished } from "./Report.ts"

it.effect("keeps numbers and truth values as such, and everything else as text", () =>
  Effect.gen(function*() {
    const pairs = { year: "2026", ratio: "0.5", draft: "true", part: "007", empty: "", big: "1e400" }
    assert.deepStrictEqual(yield* metadataOf(pairs), { ...pairs, year: 2026, ratio: 0.5, draft: true })
    const refused = yield* Effect.flip(metadataOf({ "not a key": "x" }))
    assert.strictEqual(refused._tag, "Misused")
  }))

it("counts every file once", () => {
  const report = [
    { type: "published" } as const,
    fateOf(new SourceUnreadable({ source: "a", reason: "gone" })).outcome,
    fateOf(new Hung({ stillMs: 1 })).outcome
  ].reduce(add, empty)
  assert.deepStrictEqual(report, {
    files: 3,
    published: 1,
    failed: { SourceUnreadable: 1 },
    untyped: 0,
    crashed: 0,
    hung: 1
  })
  assert.strictEqual(unpublished(report), 2)
})
