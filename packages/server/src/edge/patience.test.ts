import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makePatience } from "./patience.ts"

it.effect("what takes too long is interrupted, and fails once it has ended", () =>
  Effect.gen(function*() {
    const bounded = yield* makePatience(60, () => "late" as const)
    const ended: Array<string> = []
    const waits = (name: string) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => ended.push(name)))
    const first = yield* Effect.forkChild(Effect.exit(bounded(waits("first"))), { startImmediately: true })
    yield* TestClock.adjust("30 seconds")
    const second = yield* Effect.forkChild(Effect.exit(bounded(waits("second"))), { startImmediately: true })
    yield* TestClock.adjust("30 seconds")
    assert.deepStrictEqual(ended, [])
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(yield* Fiber.join(first), Exit.fail("late"))
    assert.deepStrictEqual(ended, ["first"])
    yield* TestClock.adjust("30 seconds")
    assert.deepStrictEqual(yield* Fiber.join(second), Exit.fail("late"))
  }))

it.effect("what ends in time ends as it would have", () =>
  Effect.gen(function*() {
    const bounded = yield* makePatience(60, () => "late" as const)
    assert.strictEqual(yield* bounded(Effect.succeed(1)), 1)
    assert.deepStrictEqual(yield* Effect.exit(bounded(Effect.fail("no"))), Exit.fail("no"))
    const slow = yield* Effect.forkChild(bounded(Effect.as(Effect.sleep("59 seconds"), 2)), { startImmediately: true })
    yield* TestClock.adjust("61 seconds")
    assert.strictEqual(yield* Fiber.join(slow), 2)
    let ended = false
    const given = yield* Effect.forkChild(
      bounded(Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (ended = true)))),
      { startImmediately: true }
    )
    yield* Fiber.interrupt(given)
    assert.isTrue(ended)
  }))
