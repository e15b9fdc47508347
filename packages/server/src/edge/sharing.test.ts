import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { sharing } from "./sharing.ts"

/** A question whose answers are given one by one, each the number of the question. */
const asked = Effect.gen(function*() {
  const questions: Array<Deferred.Deferred<number>> = []
  const ask = yield* sharing<string, number>(() => {
    const question = Deferred.makeUnsafe<number>()
    questions.push(question)
    return Deferred.await(question)
  })
  const answer = (number: number) => Deferred.succeed(questions[number]!, number)
  const begin = (key: string) => Effect.forkChild(ask(key), { startImmediately: true })
  /** Until so many questions were put. */
  const put = (number: number) =>
    Effect.yieldNow.pipe(Effect.repeat({ until: () => questions.length >= number, times: 100 }))
  return { ask, answer, begin, put, questions }
})

describe("sharing", () => {
  it.effect("gives nobody the answer to a question that was put before they came", () =>
    Effect.gen(function*() {
      const { answer, begin, put, questions } = yield* asked
      const first = yield* begin("a")
      yield* put(1)
      const second = yield* Effect.all([begin("a"), begin("a"), begin("a")])
      yield* answer(0)
      assert.strictEqual(yield* Fiber.join(first), 0)
      yield* put(2)
      const third = yield* begin("a")
      yield* answer(1)
      assert.deepStrictEqual(yield* Effect.all(second.map(Fiber.join)), [1, 1, 1])
      yield* put(3)
      yield* answer(2)
      assert.strictEqual(yield* Fiber.join(third), 2)
      assert.lengthOf(questions, 3)
    }))

  it.effect("keeps those apart who ask different things, and asks again when nobody waits any more", () =>
    Effect.gen(function*() {
      const { answer, begin, put, questions } = yield* asked
      const fibers = yield* Effect.all([begin("a"), begin("b")])
      yield* put(2)
      yield* Effect.all([answer(0), answer(1)])
      assert.deepStrictEqual(yield* Effect.all(fibers.map(Fiber.join)), [0, 1])
      const again = yield* begin("a")
      yield* put(3)
      yield* answer(2)
      assert.strictEqual(yield* Fiber.join(again), 2)
      assert.lengthOf(questions, 3)
    }))

  it.effect("goes on for the others when whoever asked first goes away", () =>
    Effect.gen(function*() {
      const { answer, begin, put } = yield* asked
      const first = yield* begin("a")
      yield* put(1)
      const second = yield* begin("a")
      yield* Fiber.interrupt(first)
      yield* answer(0)
      yield* put(2)
      yield* answer(1)
      assert.strictEqual(yield* Fiber.join(second), 1)
    }))

  it.effect("hands a failure to those whose question it was, and to nobody else", () =>
    Effect.gen(function*() {
      let fails = true
      const gate = yield* Deferred.make<void>()
      const ask = yield* sharing<string, string>(() =>
        Effect.andThen(
          Deferred.await(gate),
          Effect.suspend(() => {
            if (!fails) return Effect.succeed("well")
            fails = false
            return Effect.die(new Error("down"))
          })
        )
      )
      const first = yield* Effect.forkChild(Effect.exit(ask("a")), { startImmediately: true })
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      const second = yield* Effect.forkChild(ask("a"), { startImmediately: true })
      yield* Deferred.succeed(gate, undefined)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(first)))
      assert.strictEqual(yield* Fiber.join(second), "well")
    }))
})
