import { assert, it } from "@effect/vitest"
import { Embedder, EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import type { SearchHit } from "@sheaf/domain/search/Search"
import { Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { directions, setting, space, zoo } from "../../../../test/support/searchable.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Server } from "../Server.ts"

let isDown = false

/** A question about animals points where the animals are. */
const embedder = Layer.mock(Embedder, {
  space,
  parallel: 1,
  embedQuery: () =>
    Effect.suspend(() =>
      isDown
        ? Effect.fail(new EmbedderUnavailable({ operation: "embedQuery", cause: "switched off" }))
        : Effect.succeed(directions.animals)
    )
})

const layer = Server.layer({ version: "0", profile: "embedded" }).pipe(
  Layer.provideMerge(Layer.merge(TestServer.adapters, embedder)),
  Layer.orDie,
  Layer.provide(TestServer.onRealTime)
)

it.layer(layer, { timeout: "60 seconds" })("Search", (it) => {
  const texts = (hits: ReadonlyArray<SearchHit>) => hits.map(({ text }) => text)

  it.effect("scores words and meaning, and says why, where and what", () =>
    Effect.gen(function*() {
      const { makeDataset, publish, search } = yield* setting
      const datasetId = yield* makeDataset("zoo")
      const documentId = yield* publish(datasetId, "zoo", zoo)
      const { explain, hits } = yield* search({ text: "Where does the lion sleep?" })
      assert.deepStrictEqual(texts(hits), [zoo[0]!.text, zoo[2]!.text])
      const [first] = hits
      assert.deepInclude(first, {
        documentId,
        datasetId,
        documentName: "zoo",
        headingPath: ["Title"],
        highlights: [{ start: 4, end: 8 }, { start: 9, end: 15 }],
        citation: { page: 3, boxes: [{ page: 3, x0: 0, y0: 0, x1: 1, y1: 0.5 }] },
        metadata: { topic: "zoo" }
      })
      for (const { score } of hits) {
        assert.closeTo(score.total, score.lexical.contribution + score.vector.contribution, 1e-9)
      }
      assert.deepStrictEqual(first!.score.lexical.matched, ["lion", "sleep"])
      assert.closeTo(first!.score.vector.cosine!, 1, 1e-5)
      assert.deepInclude(explain, { mode: "hybrid", dropped: 0, belowThreshold: 0, bestBelowThreshold: null })
      assert.notProperty(explain, "without")
      assert.isAbove(explain.timings.totalMs, 0)
    }))

  it.effect("answers by words alone, or by meaning alone, when asked to", () =>
    Effect.gen(function*() {
      const { makeDataset, publish, search } = yield* setting
      yield* publish(yield* makeDataset("zoo"), "zoo", zoo)
      const keyword = yield* search({ text: "roses", mode: "keyword" })
      assert.sameMembers(texts(keyword.hits), [zoo[1]!.text, zoo[2]!.text])
      for (const { score } of keyword.hits) assert.strictEqual(score.lexicalOnly, "mode")
      const vector = yield* search({ text: "roses", mode: "vector" })
      assert.deepStrictEqual(texts(vector.hits), [zoo[0]!.text, zoo[2]!.text])
      assert.strictEqual(vector.hits[0]!.score.lexical.contribution, 0)
      assert.deepStrictEqual((yield* search({ text: "zebra", mode: "keyword" })).hits, [])
    }))

  it.effect("does without an embedder that is down, and says so; a vector search cannot", () =>
    Effect.gen(function*() {
      const { keys, makeDataset, publish, search } = yield* setting
      yield* publish(yield* makeDataset("zoo"), "zoo", zoo)
      isDown = true
      const keyword = yield* search({ text: "lion", mode: "keyword" })
      const hybrid = yield* search({ text: "lion" })
      assert.strictEqual(hybrid.explain.without, "embedder")
      assert.deepStrictEqual(texts(hybrid.hits), texts(keyword.hits))
      assert.deepStrictEqual(
        hybrid.hits.map(({ score }) => score.total),
        keyword.hits.map(({ score }) => score.total)
      )
      const vector = yield* TestServer.rpc(keys.read, "SearchQuery", { text: "lion", mode: "vector" })
      assert.deepStrictEqual([vector.status, vector.json.error.data.dependency], [503, "The embedder"])
      isDown = false
    }))

  it.effect("trusts no vector of a language that the model does not speak", () =>
    Effect.gen(function*() {
      const { makeDataset, publish, search } = yield* setting
      yield* publish(yield* makeDataset("d"), "d", [
        { text: "ライオンは日陰で眠る", vector: null, language: "ja" },
        { text: "The lion sleeps.", vector: directions.plants }
      ])
      const { hits } = yield* search({ text: "lion" })
      assert.deepStrictEqual(texts(hits), ["The lion sleeps."])
      const foreign = yield* search({ text: "ライオン" })
      assert.deepStrictEqual(foreign.hits.map(({ score }) => score.lexicalOnly), ["language"])
    }))

  it.effect("leaves out what is below the threshold, and says how far", () =>
    Effect.gen(function*() {
      const { makeDataset, publish, search } = yield* setting
      yield* publish(yield* makeDataset("zoo"), "zoo", zoo)
      const all = yield* search({ text: "sleeping lion" })
      const [first, second] = all.hits
      const threshold = (first!.score.total + second!.score.total) / 2
      const { explain, hits } = yield* search({ text: "sleeping lion", threshold })
      assert.deepStrictEqual(hits, [first!])
      assert.strictEqual(explain.belowThreshold, all.hits.length - 1)
      assert.closeTo(explain.bestBelowThreshold!, second!.score.total, 1e-9)
    }))

  it.effect("shows nothing that the database hides, fills up with what it shows, and counts", () =>
    Effect.gen(function*() {
      const { keys, makeDataset, publish, search } = yield* setting
      const datasetId = yield* makeDataset("zoo")
      const lions = Array.from({ length: 30 }, (_, at) => ({ text: `lion ${at}`, vector: directions.animals }))
      const hidden = yield* publish(datasetId, "hidden", lions)
      yield* publish(datasetId, "shown", zoo)
      assert.lengthOf((yield* search({ text: "lion", limit: 100 })).hits, 32)
      yield* TestServer.ok(keys.write, "DocumentsDelete", { documentId: hidden })
      const { explain, hits } = yield* search({ text: "lion", limit: 2 })
      assert.sameMembers(texts(hits), [zoo[0]!.text, zoo[2]!.text])
      assert.strictEqual(explain.dropped, 30)
      const sql = yield* SqlClient.SqlClient
      yield* sql`update segments set enabled = false where text = ${zoo[0]!.text}`
      assert.deepStrictEqual(texts((yield* search({ text: "lion", limit: 2 })).hits), [zoo[2]!.text])
    }))

  it.effect("looks only where it is told, and only where the key may look", () =>
    Effect.gen(function*() {
      const { makeDataset, publish, search, tenantId } = yield* setting
      const first = yield* makeDataset("first")
      const second = yield* makeDataset("second")
      yield* publish(first, "one", zoo)
      const two = yield* publish(second, "two", zoo)
      const within = yield* search({ text: "lion", datasetIds: [second] })
      assert.deepStrictEqual(new Set(within.hits.map(({ documentId }) => documentId)), new Set([two]))
      assert.lengthOf((yield* search({ text: "lion" })).hits, 4)
      const filtered = yield* search({ text: "lion", filter: { field: "topic", eq: "two" } })
      assert.lengthOf(filtered.hits, 2)
      const limited = yield* TestServer.makeKey(tenantId, ["read"], [second])
      assert.lengthOf((yield* TestServer.ok(limited, "SearchQuery", { text: "lion" })).hits, 2)
    }))

  it.effect("keeps a log of what was asked, without texts of answers", () =>
    Effect.gen(function*() {
      const { makeDataset, publish, search, tenantId } = yield* setting
      yield* publish(yield* makeDataset("zoo"), "zoo", zoo)
      yield* search({ text: "lion", limit: 1 })
      const sql = yield* SqlClient.SqlClient
      const entries = yield* sql`select request, hits from query_log where tenant_id = ${tenantId}`.pipe(
        Effect.repeat({ until: (rows) => rows.length > 0, schedule: Schedule.recurs(500) })
      )
      assert.deepStrictEqual(entries, [{ request: { text: "lion", limit: 1 }, hits: 1 }])
    }))
})
