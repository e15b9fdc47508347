import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { boundedLookups } from "./lookups.ts"

/** A name server that answers when it is told to. */
const slow = () => {
  const asked: Array<string> = []
  const answers = new Map<string, PromiseWithResolvers<ReadonlyArray<string>>>()
  const resolve = (host: string) => {
    asked.push(host)
    const answer = Promise.withResolvers<ReadonlyArray<string>>()
    answers.set(host, answer)
    return answer.promise
  }
  const end = (host: string, addresses: ReadonlyArray<string>) => answers.get(host)!.resolve(addresses)
  const fail = (host: string) => answers.get(host)!.reject(new Error("nobody knows it"))
  return { asked, resolve, end, fail }
}

const settled = (...all: ReadonlyArray<Promise<unknown>>) => Effect.promise(() => Promise.allSettled(all))

it.effect("a slow name server holds two threads at most: others wait in their order, and a name is asked for once", () =>
  Effect.gen(function*() {
    const { asked, end, fail, resolve } = slow()
    const look = boundedLookups(resolve, 2)
    const first = look("a.example")
    const second = look("b.example")
    const waiting = ["c.example", "d.example", "c.example"].map(look)
    assert.strictEqual(look("a.example"), first)
    yield* Effect.promise(() => new Promise(setImmediate))
    assert.deepStrictEqual(asked, ["a.example", "b.example"])
    end("a.example", ["192.0.2.1"])
    yield* settled(first)
    fail("b.example")
    yield* settled(second)
    yield* Effect.promise(() => new Promise(setImmediate))
    assert.deepStrictEqual(asked, ["a.example", "b.example", "c.example", "d.example"])
    end("c.example", ["192.0.2.3"])
    end("d.example", [])
    const ends = yield* settled(...waiting)
    assert.deepStrictEqual(ends.map((one) => one.status === "fulfilled" && one.value), [["192.0.2.3"], [], [
      "192.0.2.3"
    ]])
    // What was answered is asked for anew: a name may mean something else by then.
    void look("a.example")
    yield* Effect.promise(() => new Promise(setImmediate))
    assert.strictEqual(asked.at(-1), "a.example")
    end("a.example", [])
  }))
