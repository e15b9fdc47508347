import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import { boundedLookups } from "./lookups.ts"

/** A name server that answers when it is told to. */
const slow = () => {
  const asked: Array<string> = []
  const answers = new Map<string, Deferred.Deferred<ReadonlyArray<string>, Error>>()
  const resolve = (host: string) => {
    asked.push(host)
    const answer = Deferred.makeUnsafe<ReadonlyArray<string>, Error>()
    answers.set(host, answer)
    return Effect.runPromise(Deferred.await(answer))
  }
  const end = (host: string, answer: Exit.Exit<ReadonlyArray<string>, Error>) =>
    Deferred.done(answers.get(host)!, answer)
  return { asked, resolve, end }
}

const settled = (...all: ReadonlyArray<Promise<unknown>>) => Effect.promise(() => Promise.allSettled(all))

it.effect("a slow name server holds two threads at most: others wait in their order, and a name is asked for once", () =>
  Effect.gen(function*() {
    const { asked, end, resolve } = slow()
    const look = boundedLookups(resolve, 2)
    const first = look("a.example")
    const second = look("b.example")
    const waiting = ["c.example", "d.example", "c.example"].map(look)
    assert.strictEqual(look("a.example"), first)
    yield* Effect.promise(() => new Promise(setImmediate))
    assert.deepStrictEqual(asked, ["a.example", "b.example"])
    yield* end("a.example", Exit.succeed(["192.0.2.1"]))
    yield* settled(first)
    yield* end("b.example", Exit.fail(new Error("nobody knows it")))
    yield* settled(second)
    yield* Effect.promise(() => new Promise(setImmediate))
    assert.deepStrictEqual(asked, ["a.example", "b.example", "c.example", "d.example"])
    yield* end("c.example", Exit.succeed(["192.0.2.3"]))
    yield* end("d.example", Exit.succeed([]))
    const ends = yield* settled(...waiting)
    assert.deepStrictEqual(ends.map((one) => one.status === "fulfilled" && one.value), [["192.0.2.3"], [], [
      "192.0.2.3"
    ]])
    // What was answered is asked for anew: a name may mean something else by then.
    void look("a.example")
    yield* Effect.promise(() => new Promise(setImmediate))
    assert.strictEqual(asked.at(-1), "a.example")
    yield* end("a.example", Exit.succeed([]))
  }))
