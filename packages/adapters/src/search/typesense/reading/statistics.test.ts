import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeTotals } from "./statistics.ts"

const answer = (found: number, sum: number) => ({ found, facet_counts: [{ stats: { sum } }] })

it.effect("adds up the lengths of few segments each time, and of many once a minute", () =>
  Effect.gen(function*() {
    const totals = makeTotals()
    const ask = Effect.fnUntraced(function*(filter: string, found: number, sum: number) {
      const { read, search } = yield* totals("c", filter)
      return { ...(yield* read(answer(found, sum))), isAdded: "facet_by" in search }
    })
    for (const isAdded of [true, true]) {
      assert.deepStrictEqual(yield* ask("few", 10, 1_000), { segments: 10, averageLength: 100, isAdded })
    }
    assert.deepStrictEqual(yield* ask("many", 50_000, 5_000_000), {
      segments: 50_000,
      averageLength: 100,
      isAdded: true
    })
    assert.deepStrictEqual(yield* ask("many", 50_001, 0), { segments: 50_001, averageLength: 100, isAdded: false })
    assert.isTrue((yield* ask("others", 50_000, 1)).isAdded)
    yield* TestClock.adjust("61 seconds")
    assert.isTrue((yield* ask("many", 50_000, 5_500_000)).isAdded)
    assert.strictEqual((yield* ask("many", 50_000, 0)).averageLength, 110)
  }))

it.effect("takes a server at its word when there is nothing", () =>
  Effect.gen(function*() {
    const { read } = yield* makeTotals()("c", "none")
    assert.deepStrictEqual(yield* read({ found: 0, facet_counts: [{ stats: {} }] }), { segments: 0, averageLength: 0 })
    assert.strictEqual((yield* Effect.flip(read({ code: 404, error: "Collection not found" }))).status, 404)
    assert.isTrue((yield* Effect.flip(read("half an answ"))).isRetryable)
  }))
