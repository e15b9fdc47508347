import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { makeThreads } from "./Threads.ts"

/** Answers with the request and how many it has had; "die" ends the thread, "die once" only the first time in this process. */
const code = `
import { parentPort, workerData } from "node:worker_threads"
let served = 0
parentPort.on("message", (request) => {
  if (request === "die") process.exit(1)
  if (request === "die once" && Atomics.exchange(workerData, 0, 1) === 0) throw new Error("out of memory")
  setTimeout(() => parentPort.postMessage({ request, served: ++served }), request === "slow" ? 100 : 0)
})`

const threads = (count: number) =>
  makeThreads<string, { readonly request: string; readonly served: number }>({
    entry: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
    workerData: new Int32Array(new SharedArrayBuffer(4)),
    count,
    eager: false
  })

describe("Threads", () => {
  it.effect("tries the request of a dying thread once more, on a fresh one", () =>
    Effect.gen(function*() {
      const pool = yield* threads(1)
      yield* pool.ask("a", "normal")
      assert.deepStrictEqual(yield* pool.ask("die once", "normal"), { request: "die once", served: 1 })
    }))

  it.effect("gives a request up that ends two threads, and goes on with the next", () =>
    Effect.gen(function*() {
      const pool = yield* threads(1)
      const [failure, next] = yield* Effect.all([Effect.flip(pool.ask("die", "normal")), pool.ask("b", "normal")], {
        concurrency: "unbounded"
      })
      assert.strictEqual(failure._tag, "ThreadFailed")
      assert.strictEqual(next.request, "b")
    }))

  it.effect("says why a thread ended", () =>
    Effect.gen(function*() {
      const pool = yield* makeThreads<string, string>({
        entry: new URL("data:text/javascript,throw new Error('no model')"),
        workerData: undefined,
        count: 1,
        eager: true
      })
      const failure = yield* Effect.flip(pool.ask("a", "normal"))
      assert.strictEqual(failure.reason, "no model")
    }))

  it.effect("serves urgent requests before those that wait", () =>
    Effect.gen(function*() {
      const pool = yield* threads(1)
      const order: Array<string> = []
      const ask = (name: string, line: "urgent" | "normal") =>
        Effect.forkChild(Effect.tap(pool.ask(name, line), () => Effect.sync(() => order.push(name))), {
          startImmediately: true
        })
      const fibers = [
        yield* ask("slow", "normal"),
        yield* ask("a", "normal"),
        yield* ask("b", "normal"),
        yield* ask("query", "urgent")
      ]
      yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(order, ["slow", "query", "a", "b"])
    }))

  it.effect("forgets what was interrupted before it began, and serves others after what was interrupted later", () =>
    Effect.gen(function*() {
      const pool = yield* threads(1)
      const begun = yield* Effect.forkChild(pool.ask("slow", "normal"), { startImmediately: true })
      const waiting = yield* Effect.forkChild(pool.ask("a", "normal"), { startImmediately: true })
      yield* Effect.all([Fiber.interrupt(begun), Fiber.interrupt(waiting)])
      assert.deepStrictEqual(yield* pool.ask("b", "normal"), { request: "b", served: 2 })
    }))

  it.effect("uses several threads at once", () =>
    Effect.gen(function*() {
      const pool = yield* threads(2)
      const replies = yield* Effect.forEach(["slow", "slow"], (request) => pool.ask(request, "normal"), {
        concurrency: 2
      })
      assert.deepStrictEqual(replies.map(({ served }) => served), [1, 1])
    }))

  it.effect("ends its threads with the scope, in the middle of work", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<void>()
      yield* Effect.scoped(Effect.gen(function*() {
        const pool = yield* threads(1)
        yield* Effect.forkScoped(pool.ask("slow", "normal"), { startImmediately: true })
        yield* Deferred.succeed(asked, undefined)
      }))
      assert.isTrue(yield* Deferred.isDone(asked))
    }))
})
