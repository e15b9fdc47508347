import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Metric, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { type GovernorOptions, makeGovernor } from "./governor.ts"
import { type BatchLimits, type EmbeddingClient, RequestFailed } from "./governor/EmbeddingClient.ts"
import * as metrics from "./governor/metrics.ts"
import { unrelated, witness } from "./governor/vectors.ts"
import { makeSpace } from "./makeSpace.ts"

const identity = { provider: "p", model: "m", revision: "1", tokenizer: "t", maxTokens: 50 }

/** The witness points elsewhere than any text, and every text elsewhere than texts of other lengths. */
const vectorOf = (text: string): Float32Array =>
  text === witness ? Float32Array.of(0, 0, 1) : Float32Array.of(Math.cos(text.length), Math.sin(text.length), 0)

const space = makeSpace({
  ...identity,
  dimension: 3,
  queryPrefix: "",
  documentPrefix: "",
  normalised: true,
  languages: null,
  vectorWeight: 0.5,
  cosineFloor: 0
})

type Answer = Effect.Effect<ReadonlyArray<Float32Array>, RequestFailed>

/** A server in this process: what it does with a request is said by the test; by default it is well. One letter is one token. */
const makeServer = (limits: BatchLimits) => {
  const requests: Array<ReadonlyArray<string>> = []
  const state = {
    now: 0,
    most: 0,
    asked: 0,
    interrupted: 0,
    model: "m",
    answer: (_: ReadonlyArray<string>, well: Answer) => well
  }
  const client: EmbeddingClient = {
    identify: Effect.sync(() => {
      state.asked++
      return { identity: { ...identity, model: state.model }, limits, refusesTooLong: true }
    }),
    embed: (texts) =>
      Effect.suspend(() => {
        requests.push(texts.filter((text) => text !== witness))
        state.most = Math.max(state.most, ++state.now)
        return state.answer(texts, Effect.sync(() => texts.map(vectorOf)))
      }).pipe(
        Effect.onInterrupt(() => Effect.sync(() => void state.interrupted++)),
        Effect.ensuring(Effect.sync(() => void state.now--))
      ),
    countTokens: (texts) => Effect.sync(() => texts.map((text) => text.length))
  }
  return { client, requests, state, facts: { identity, limits, refusesTooLong: true } }
}

const wide = { items: 5, tokens: 10_000, bytes: 100_000 }

const make = Effect.fnUntraced(function*(options: GovernorOptions = {}, limits: BatchLimits = wide) {
  const server = makeServer(limits)
  const { client, facts } = server
  const embedder = yield* makeGovernor(client, { facts, space, reference: vectorOf(witness) }, options)
  return { ...server, embedder }
})

const failing = (kind: RequestFailed["kind"], retryAfterMs?: number): Answer =>
  Effect.fail(new RequestFailed({ kind, detail: kind, ...(retryAfterMs !== undefined && { retryAfterMs }) }))

const start = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkChild(effect, { startImmediately: true })

/** Everything that can go on without time passing does. */
const settle = TestClock.adjust(0)

/** Half a minute in which pause follows upon pause. */
const passing = Effect.repeat(TestClock.adjust("100 millis"), { times: 300 })

const words = (count: number, length = 3) => Array.from({ length: count }, (_, i) => `${i}`.padEnd(length, "x"))

describe("governor", () => {
  it.effect("keeps the order, and every request within its limits", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 }),
          fc.integer({ min: 2, max: 8 }),
          fc.integer({ min: 100, max: 300 }),
          (lengths, items, tokens) =>
            Effect.runPromise(Effect.scoped(Effect.gen(function*() {
              const { embedder, requests } = yield* make({}, { items, tokens, bytes: 100_000 })
              const texts = lengths.map((length) => "x".repeat(length))
              yield* embedder.countTokens(texts)
              assert.deepStrictEqual(yield* embedder.embedDocuments(texts), texts.map(vectorOf))
              for (const request of requests) {
                assert.isBelow(request.length, items)
                // The witness takes as many as it has bytes, and two.
                const sum = request.reduce((sum, text) => sum + text.length, witness.length + 2)
                assert.isTrue(request.length === 1 || sum <= tokens)
              }
            })))
        ),
        { numRuns: 40 }
      )
    ))

  it.effect("shares requests among the callers of one moment, and gives each its own", () =>
    Effect.gen(function*() {
      const { embedder, requests } = yield* make()
      const found = yield* Effect.forEach(["a", "bb", "ccc"], (text) => embedder.embedDocuments([text]), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(requests, [["a", "bb", "ccc"]])
      assert.deepStrictEqual(found, [[vectorOf("a")], [vectorOf("bb")], [vectorOf("ccc")]])
    }))

  it.effect("answers questions before documents that wait", () =>
    Effect.gen(function*() {
      const { embedder, requests, state } = yield* make({ concurrency: { start: 1, max: 1 } })
      const gate = yield* Deferred.make<void>()
      state.answer = (_, well) => Effect.andThen(Deferred.await(gate), well)
      const documents = yield* start(embedder.embedDocuments(words(9)))
      yield* settle
      const question = yield* start(embedder.embedQuery("why"))
      yield* settle
      assert.lengthOf(requests, 1)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(question)
      yield* Fiber.join(documents)
      assert.deepStrictEqual(requests.map((request) => request.length), [4, 1, 4, 1])
      assert.deepStrictEqual(requests[1], ["why"])
    }))

  it.effect("asks for no more at once than the server bears", () =>
    Effect.gen(function*() {
      const { embedder, state } = yield* make({ concurrency: { start: 8, max: 8 } })
      state.answer = (_, well) =>
        Effect.andThen(Effect.sleep("100 millis"), state.now > 2 ? failing("overloaded") : well)
      const documents = yield* start(embedder.embedDocuments(words(200)))
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(state.most, 8)
      state.most = 0
      yield* TestClock.adjust("60 seconds")
      assert.isAtMost(state.most, 4)
      assert.lengthOf(yield* Fiber.join(documents), 200)
    }))

  it.effect("comes back when the server said, not before", () =>
    Effect.gen(function*() {
      const { embedder, requests, state } = yield* make()
      state.answer = () => failing("overloaded", 3_000)
      const documents = yield* start(embedder.embedDocuments(["a"]))
      yield* TestClock.adjust(2_999)
      assert.lengthOf(requests, 1)
      state.answer = (_, well) => well
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* Fiber.join(documents), [vectorOf("a")])
      assert.lengthOf(requests, 2)
    }))

  it.effect("blames a text only for requests of its own that got no answer", () =>
    Effect.gen(function*() {
      const { embedder, state } = yield* make()
      const innocent: Array<RequestFailed["kind"]> = [...Array<"overloaded">(4).fill("overloaded"), "down", "down"]
      state.answer = (texts, well) => {
        const kind = texts.includes("a") ? innocent.shift() : undefined
        return kind === undefined ? well : failing(kind)
      }
      const found = yield* start(embedder.embedDocuments(["a"]))
      yield* passing
      assert.deepStrictEqual(yield* Fiber.join(found), [vectorOf("a")])

      let alone = 0
      state.answer = (texts, well) => {
        if (!texts.includes("bad")) return well
        if (texts.filter((text) => text !== witness).length === 1) alone++
        return failing("down")
      }
      const blamed = yield* start(Effect.flip(embedder.embedDocuments(["a", "bb", "bad", "cccc"])))
      yield* passing
      assert.deepInclude(yield* Fiber.join(blamed), { _tag: "EmbeddingRejected" })
      assert.strictEqual(alone, 6)
    }))

  it.effect("tells callers at once when the server wants to be left alone for long", () =>
    Effect.gen(function*() {
      const { embedder, requests, state } = yield* make()
      state.answer = () => failing("down", 60_000)
      const failure = yield* Effect.flip(embedder.embedDocuments(["a"]))
      assert.deepInclude(failure, { _tag: "EmbedderUnavailable", retryAfterMs: 60_000 })
      yield* TestClock.adjust("20 seconds")
      const later = yield* Effect.flip(embedder.embedDocuments(["a"]))
      assert.deepInclude(later, { _tag: "EmbedderUnavailable", retryAfterMs: 40_000 })
      assert.deepInclude(yield* Effect.flip(embedder.countTokens(["b"])), {
        operation: "countTokens",
        retryAfterMs: 40_000
      })
      assert.lengthOf(requests, 1)
      state.answer = (_, well) => well
      yield* TestClock.adjust("40 seconds")
      assert.deepStrictEqual(yield* embedder.embedDocuments(["a"]), [vectorOf("a")])
    }))

  it.effect("opens the circuit, probes ever less often, and closes it for those who wait", () =>
    Effect.gen(function*() {
      const { embedder, requests, state } = yield* make()
      state.answer = () => failing("down")
      const documents = yield* start(Effect.exit(embedder.embedDocuments(words(50))))
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(documents)))
      assert.strictEqual((yield* Metric.value(metrics.circuitState)).value, 2)
      const ready = yield* start(embedder.ready)
      requests.length = 0
      yield* TestClock.adjust("60 seconds")
      assert.isUndefined(ready.pollUnsafe())
      // One second, two, four, eight, then ten, less some jitter; nothing but probes.
      assert.isAtLeast(requests.length, 6)
      assert.isAtMost(requests.length, 14)
      assert.isTrue(requests.every((request) => request.length === 1 && request[0] === unrelated[0]))
      state.answer = (_, well) => well
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(ready)
      assert.strictEqual((yield* Metric.value(metrics.circuitState)).value, 0)
      assert.lengthOf(yield* embedder.embedDocuments(words(50)), 50)
    }))

  it.effect("asks now and then whether the model is still the same, and stops when it is not", () =>
    Effect.gen(function*() {
      const { embedder, requests, state } = yield* make()
      yield* embedder.embedDocuments(["a"])
      assert.strictEqual(state.asked, 0)
      yield* TestClock.adjust("31 seconds")
      yield* embedder.embedDocuments(["a"])
      assert.strictEqual(state.asked, 1)
      state.model = "other"
      yield* TestClock.adjust("31 seconds")
      const failure = yield* Effect.flip(embedder.embedDocuments(["a"]))
      assert.include(String(failure._tag === "EmbedderUnavailable" && failure.cause), "other")
      assert.lengthOf(requests, 2)
      assert.strictEqual((yield* Effect.flip(embedder.check))._tag, "EmbedderUnavailable")
      state.model = "m"
      yield* TestClock.adjust("20 seconds")
      yield* embedder.check
      yield* embedder.embedDocuments(["a"])
    }))

  it.effect("forgets what is interrupted: waiting texts are not sent, and a request that nobody waits for is ended", () =>
    Effect.gen(function*() {
      const { embedder, requests, state } = yield* make({ concurrency: { start: 1, max: 1 } })
      state.answer = () => Effect.never
      const sent = yield* start(embedder.embedDocuments(["a"]))
      yield* settle
      const waiting = yield* start(embedder.embedDocuments(["bb"]))
      const other = yield* start(embedder.embedDocuments(["ccc"]))
      yield* settle
      yield* Fiber.interrupt(waiting)
      state.answer = (_, well) => well
      yield* Fiber.interrupt(sent)
      assert.deepStrictEqual(yield* Fiber.join(other), [vectorOf("ccc")])
      assert.strictEqual(state.interrupted, 1)
      assert.deepStrictEqual(requests, [["a"], ["ccc"]])
    }))

  it.effect("goes on with a request as long as one of its callers waits", () =>
    Effect.gen(function*() {
      const { embedder, state } = yield* make()
      const gate = yield* Deferred.make<void>()
      state.answer = (_, well) => Effect.andThen(Deferred.await(gate), well)
      const one = yield* start(embedder.embedDocuments(["a"]))
      const two = yield* start(embedder.embedDocuments(["bb"]))
      yield* settle
      yield* Fiber.interrupt(one)
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(yield* Fiber.join(two), [vectorOf("bb")])
      assert.strictEqual(state.interrupted, 0)
    }))

  it.effect("leaves nobody waiting when it ends", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { embedder, state } = yield* Scope.provide(make({ concurrency: { start: 1, max: 1 } }), scope)
      state.answer = () => Effect.never
      const sent = yield* start(Effect.flip(embedder.embedDocuments(["a"])))
      yield* settle
      const waiting = yield* start(Effect.flip(embedder.embedDocuments(["bb"])))
      yield* settle
      yield* Scope.close(scope, Exit.void)
      for (const fiber of [sent, waiting]) {
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "EmbedderUnavailable")
      }
      assert.strictEqual(state.now, 0)
    }))

  it.effect("rejects what is over the limit without sending it, where its length is known", () =>
    Effect.gen(function*() {
      const { embedder, requests } = yield* make()
      const long = "x".repeat(51)
      yield* embedder.countTokens([long])
      const rejected = yield* Effect.flip(embedder.embedDocuments(["a", long]))
      assert.deepInclude(rejected, { _tag: "EmbeddingRejected", index: 1, detail: "51 tokens; the limit is 50" })
      assert.deepStrictEqual(requests, [])
      assert.deepStrictEqual(yield* embedder.embedQuery(long), vectorOf("x".repeat(requests[0]![0]!.length)))
      assert.isAtMost(requests[0]![0]!.length, 50)
    }))
})
