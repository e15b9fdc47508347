import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { metadataOf } from "./metadata.ts"

it.effect("keeps numbers and truth values as such, and everything else as text", () =>
  Effect.gen(function*() {
    const pairs = { year: "2026", ratio: "0.5", draft: "true", part: "007", empty: "", big: "1e400" }
    assert.deepStrictEqual(yield* metadataOf(pairs), { ...pairs, year: 2026, ratio: 0.5, draft: true })
    const refused = yield* Effect.flip(metadataOf({ "not a key": "x" }))
    assert.strictEqual(refused._tag, "Misused")
  }))
