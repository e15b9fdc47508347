import { assert, it } from "@effect/vitest"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import * as TeiReranker from "@sheaf/adapters/rerank/tei"
import type { SearchHit } from "@sheaf/domain/search/Search"
import { Context, Effect, Layer } from "effect"
import * as GpuServer from "../../../../test/support/gpu/GpuServer.ts"
import { directions, setting, space } from "../../../../test/support/searchable.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Server } from "../Server.ts"

/** The double that reranks. */
class Gpu extends Context.Service<Gpu, Effect.Success<ReturnType<typeof GpuServer.start>>>()(
  "@sheaf/server/search/rerank.test/Gpu"
) {}

const embedder = Layer.mock(Embedder, { space, parallel: 1, embedQuery: () => Effect.succeed(directions.animals) })

const gpu = Layer.effect(Gpu, GpuServer.start({ model: { maxItems: 2 } }))

const reranking = Layer.unwrap(
  Effect.map(Gpu, ({ url }) => TeiReranker.layer({ url, candidates: 4, patience: "300 millis" }))
)

const layer = Server.layer({ version: "0", profile: "embedded" }).pipe(
  Layer.provideMerge(Layer.mergeAll(TestServer.adapters, embedder, reranking)),
  Layer.provideMerge(gpu),
  Layer.orDie,
  Layer.provide(TestServer.onRealTime)
)

const texts = (hits: ReadonlyArray<SearchHit>) => hits.map(({ text }) => text)

/** By words, the shortest is the best answer to a question for lions; the reranker knows better. */
const lions = [
  { text: "A lion.", vector: directions.between },
  { text: "The lion and where it goes when the sun is high.", vector: directions.between },
  { text: "Where lions sleep: the lion sleeps under trees in the shade of noon.", vector: directions.between }
]

it.layer(layer, { timeout: "60 seconds" })("Search with a reranker (TEI, double)", (it) => {
  const question = { text: "lion trees shade noon under" }

  const lionsIn = Effect.gen(function*() {
    const found = yield* setting
    yield* found.publish(yield* found.makeDataset("lions"), "lions", lions)
    return found
  })

  it.effect("puts the best hits in the reranker's order, and leaves totals and the threshold alone", () =>
    Effect.gen(function*() {
      const { search } = yield* lionsIn
      const plain = yield* search({ text: "lion sun", rerank: false })
      assert.deepInclude(plain.explain, { reranked: false, notReranked: "not-wanted" })
      assert.isUndefined(plain.hits[0]!.score.rerank)
      const { explain, hits } = yield* search({ text: "lion sun" })
      assert.strictEqual(explain.reranked, true)
      assert.notProperty(explain, "notReranked")
      assert.strictEqual(hits[0]!.text, lions[1]!.text)
      const ranks = hits.map(({ score }) => score.rerank!)
      assert.deepStrictEqual(ranks, ranks.toSorted((a, b) => b - a))
      const totals = new Map(plain.hits.map((hit) => [hit.text, hit.score.total]))
      for (const { score, text } of hits) assert.closeTo(score.total, totals.get(text)!, 1e-9)
      const threshold = [...totals.values()].sort((a, b) => b - a)[1]!
      const above = yield* search({ text: "lion sun", threshold })
      const aboveWithout = yield* search({ text: "lion sun", threshold, rerank: false })
      assert.sameMembers(texts(above.hits), texts(aboveWithout.hits))
      assert.strictEqual(above.explain.belowThreshold, aboveWithout.explain.belowThreshold)
    }))

  it.effect("lets a good answer rise that would not have been shown", () =>
    Effect.gen(function*() {
      const { search } = yield* lionsIn
      const plain = yield* search({ text: "A lion goes high", limit: 1, rerank: false })
      const reread = yield* search({ text: "A lion goes high", limit: 1 })
      assert.lengthOf(reread.hits, 1)
      assert.isAtLeast(reread.hits[0]!.score.rerank!, 0.5)
      assert.lengthOf(plain.hits, 1)
    }))

  it.effect("says when there is nothing to put in order", () =>
    Effect.gen(function*() {
      const { search } = yield* lionsIn
      const { explain } = yield* search({ text: "trees", mode: "keyword" })
      assert.deepInclude(explain, { reranked: false, notReranked: "nothing-to-order" })
    }))

  it.effect("does without a reranker that is down or slow, in time, and says so", () =>
    Effect.gen(function*() {
      const { search } = yield* lionsIn
      const { setFaults } = yield* Gpu
      const plain = yield* search({ ...question, rerank: false })
      setFaults({ latency: 5_000 })
      const slow = yield* search(question)
      assert.deepInclude(slow.explain, { reranked: false, notReranked: "too-slow" })
      assert.isBelow(slow.explain.timings.rerankMs, 1_000)
      assert.deepStrictEqual(texts(slow.hits), texts(plain.hits))
      setFaults({ status: 503, everything: true })
      const down = yield* search(question)
      assert.deepInclude(down.explain, { reranked: false, notReranked: "unavailable" })
      assert.deepStrictEqual(texts(down.hits), texts(plain.hits))
      setFaults({})
    }))
})
