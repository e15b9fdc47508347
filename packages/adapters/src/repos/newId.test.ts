import { assert, it } from "@effect/vitest"
import { DocumentId } from "@sheaf/domain/ids"
import { Clock, Effect } from "effect"
import { newId } from "./newId.ts"

const real = Clock.Clock.defaultValue()

it.effect("ids are UUIDs of version 7 in the order in which they were made, however many in a millisecond", () =>
  Effect.gen(function*() {
    const before = real.currentTimeMillisUnsafe()
    const ids = yield* Effect.forEach(Array.from({ length: 20_000 }), () => newId(DocumentId))
    const spent = real.currentTimeMillisUnsafe() - before
    assert.strictEqual(new Set(ids).size, ids.length)
    assert.deepStrictEqual(ids.toSorted(), [...ids])
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    // Where more are made than fit into a millisecond, time runs ahead by one for each 2,048 at most.
    const told = Number.parseInt(ids[0]!.replace("-", "").slice(0, 12), 16)
    assert.isAtLeast(told, before)
    assert.isAtMost(told, before + spent + 10)
  }))
