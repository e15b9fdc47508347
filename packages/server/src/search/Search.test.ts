import { assert, it } from "@effect/vitest"
import { Embedder, EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import { DocumentsRepo } from "@sheaf/adapters/repos/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { SegmentsRepo } from "@sheaf/adapters/repos/SegmentsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type DatasetId, type DocumentId, SegmentId, SpaceId } from "@sheaf/domain/ids"
import type { SearchHit, SearchResult } from "@sheaf/domain/search/Search"
import { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { space as universal } from "../../../../test/repos/world.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Server } from "../Server.ts"

/** Speaks English alone. */
const space = new Space({
  ...universal,
  id: SpaceId.make("aa112233aabbccdd"),
  languages: ["en"],
  vectorWeight: 0.5,
  cosineFloor: 0
})

const directions = {
  animals: Float32Array.of(1, 0, 0, 0),
  plants: Float32Array.of(0, 1, 0, 0),
  between: Float32Array.of(Math.SQRT1_2, Math.SQRT1_2, 0, 0)
}

let isDown = false

/** A question about animals points where the animals are. */
const embedder = Layer.mock(Embedder, {
  space,
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

interface Piece {
  readonly text: string
  readonly vector: Float32Array | null
  readonly language?: string
}

it.layer(layer, { timeout: "60 seconds" })("Search", (it) => {
  const setting = Effect.gen(function*() {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const documents = yield* DocumentsRepo
    const index = yield* SearchIndex
    const segments = yield* SegmentsRepo

    /** A document that is published and indexed. */
    const publish = Effect.fnUntraced(function*(datasetId: DatasetId, name: string, pieces: ReadonlyArray<Piece>) {
      const text = { datasetId, name, text: name, ifSame: "new", metadata: { topic: name } }
      const accepted = yield* TestServer.ok(keys.write, "DocumentsIngestText", text)
      const documentId: DocumentId = accepted.documentId
      const made = yield* Effect.forEach(pieces, (piece, ordinal) =>
        Effect.map(newId(SegmentId), (id) => ({
          id,
          ordinal,
          text: piece.text,
          headingPath: ["Title"],
          textHash: piece.text,
          tokens: 5,
          language: piece.language ?? "en",
          boxes: [{ page: ordinal + 3, x0: 0, y0: 0, x1: 1, y1: 0.5 }]
        })))
      yield* segments.add(tenantId, { datasetId, documentId, runId: accepted.runId, spaceId: space.id }, made)
      yield* documents.publish(tenantId, documentId, {
        runId: accepted.runId,
        pages: 9,
        segments: made.length,
        tokens: 5
      })
      const { createdAt } =
        (yield* documents.progress(callerOf(tenantId), documentId).pipe(Effect.flatMap(Effect.fromOption))).document
      yield* index.upsert(
        space,
        tenantId,
        made.map((segment, at) => {
          const { length, terms } = analyze(segment.text)
          const document = { name, mediaType: "text/plain", createdAt, metadata: { topic: name } }
          return { segmentId: segment.id, datasetId, documentId, document, terms, length, vector: pieces[at]!.vector }
        })
      )
      return documentId
    })

    const makeDataset = (name: string) =>
      Effect.map(TestServer.ok(keys.write, "DatasetsCreate", { name }), ({ id }): DatasetId => id)
    const search = (request: object): Effect.Effect<SearchResult, never, Server> =>
      TestServer.ok(keys.read, "SearchQuery", request)
    return { keys, tenantId, publish, makeDataset, search }
  })

  const callerOf = (tenantId: Parameters<typeof TestServer.makeKey>[0]) =>
    new Caller({
      tenantId,
      keyId: ApiKeyId.make("01890a5d-ac96-774b-bcce-b302099a8057"),
      scopes: ["admin"],
      datasetIds: null
    })

  const zoo: ReadonlyArray<Piece> = [
    { text: "The lion sleeps in the shade.", vector: directions.animals },
    { text: "Roses need water every day.", vector: directions.plants },
    { text: "A lion does not eat roses.", vector: directions.between }
  ]

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
