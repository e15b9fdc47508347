import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { inShrinkingPages } from "./inShrinkingPages.ts"

/** So many things to do, of which a call gets through so many in time. */
const heap = (things: number, speed: number) => {
  const calls: Array<number> = []
  const page = (limit: number) =>
    Effect.suspend(() => {
      calls.push(limit)
      if (Math.min(limit, things) > speed) return Effect.fail("too slow" as const)
      const done = Math.min(limit, things)
      things -= done
      return Effect.succeed(done)
    })
  return { calls, page, left: () => things }
}

const sizes = { most: 100, fewest: 6 }

it.effect("whatever is fast enough for the smallest page comes to an end", () =>
  Effect.promise(() =>
    fc.assert(fc.asyncProperty(fc.nat(1_000), fc.integer({ min: 6, max: 200 }), async (things, speed) => {
      const { calls, left, page } = heap(things, speed)
      await Effect.runPromise(inShrinkingPages(sizes, page, () => true))
      assert.strictEqual(left(), 0)
      const tooLarge = calls.filter((limit) => limit > speed)
      assert.isAtMost(tooLarge.length, 2, "sizes that are too large are tried once each")
    }))
  ))

it.effect("what is too slow for the smallest page fails, and so does what has another error", () =>
  Effect.gen(function*() {
    const slow = heap(50, 5)
    assert.strictEqual(yield* Effect.flip(inShrinkingPages(sizes, slow.page, () => true)), "too slow")
    assert.deepStrictEqual(slow.calls, [100, 25, 6])
    const other = heap(50, 5)
    assert.strictEqual(yield* Effect.flip(inShrinkingPages(sizes, other.page, () => false)), "too slow")
    assert.deepStrictEqual(other.calls, [100])
  }))
