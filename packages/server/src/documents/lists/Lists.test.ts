import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Lists", (it) => {
  const setting = Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { keys, tenantId } = yield* TestServer.makeTenant
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const ingest = (name: string, more: object = {}) =>
      Effect.map(
        TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name, text: name, ...more }),
        ({ documentId }): string => documentId
      )
    const list = (more: object = {}) => TestServer.ok(keys.read, "DocumentsList", { datasetId, ...more })
    const place = (documentId: string) => TestServer.ok(keys.read, "DocumentsQueue", { documentId })
    return { sql, keys, tenantId, datasetId, ingest, list, place }
  })

  const names = ({ items }: { readonly items: ReadonlyArray<{ readonly name: string }> }) =>
    items.map(({ name }) => name)

  it.effect("filter, sort and count documents", () =>
    Effect.gen(function*() {
      const { ingest, keys, list } = yield* setting
      yield* ingest("b.txt", { metadata: { year: 2024, tags: ["x", "y"] } })
      yield* ingest("a.md", { metadata: { year: 2025, tags: ["x"] } })
      yield* ingest("c.txt", { onBehalfOf: { id: "ada" } })
      assert.deepStrictEqual(names(yield* list()), ["c.txt", "a.md", "b.txt"])
      assert.deepStrictEqual(names(yield* list({ sort: "name" })), ["a.md", "b.txt", "c.txt"])
      assert.deepStrictEqual(names(yield* list({ sort: "name", order: "desc", suffix: ["TXT"] })), ["c.txt", "b.txt"])
      assert.deepStrictEqual(names(yield* list({ metadata: { field: "year", gte: 2025 } })), ["a.md"])
      assert.deepStrictEqual(names(yield* list({ actor: "ada" })), ["c.txt"])
      assert.deepStrictEqual(names(yield* list({ createdAt: { before: "2020-01-01T00:00:00Z" } })), [])
      const counted = yield* list({ limit: 1, withTotal: true, facets: ["suffix", "metadata.tags", "actor", "status"] })
      assert.strictEqual(counted.total, 3)
      assert.deepStrictEqual(counted.facets, [
        { facet: "suffix", values: [{ value: "txt", count: 2 }, { value: "md", count: 1 }], more: false },
        { facet: "metadata.tags", values: [{ value: "x", count: 2 }, { value: "y", count: 1 }], more: false },
        { facet: "actor", values: [{ value: keys.write.id, count: 3 }, { value: "ada", count: 1 }], more: false },
        { facet: "status", values: [{ value: "queuing", count: 3 }], more: false }
      ])
    }))

  it.effect("refuse what makes no sense, and name it", () =>
    Effect.gen(function*() {
      const { datasetId, ingest, keys, list } = yield* setting
      yield* ingest("a")
      yield* ingest("b")
      const { next } = yield* list({ limit: 1 })
      for (
        const [part, more] of [
          ["cursor", { sort: "name", cursor: next }],
          ["cursor", { order: "asc", cursor: next }],
          ["status", { status: [] }],
          ["suffix", { suffix: [".pdf"] }],
          ["facets", { facets: ["tenant_id"] }],
          ["createdAt", { createdAt: { from: "yesterday" } }],
          ["createdAt", { createdAt: { from: "+123456-01-01T00:00:00Z" } }],
          ["metadata", { metadata: { field: "1; drop", eq: 1 } }]
        ] as const
      ) {
        const { json, status } = yield* TestServer.rpc(keys.read, "DocumentsList", { datasetId, ...more })
        assert.deepStrictEqual([status, json.error.data.tag], [422, "BadRequest"], part)
        assert.include(JSON.stringify(json.error), part)
      }
    }))

  it.effect("figures agree with the counters of the dataset", () =>
    Effect.gen(function*() {
      const { datasetId, ingest, keys, sql, tenantId } = yield* setting
      const [first, second] = [yield* ingest("one"), yield* ingest("three")]
      yield* ingest("gone").pipe(
        Effect.flatMap((documentId) => TestServer.ok(keys.write, "DocumentsDelete", { documentId }))
      )
      yield* sql`update runs set state = 'failed', elapsed_ms = 7, cause = '{"_tag": "Empty"}' where document_id = ${second}`
      yield* sql`update runs set elapsed_ms = 5 where document_id = ${first}`
      const figures = yield* TestServer.ok(keys.read, "DatasetsStatistics", { datasetId })
      const dataset = yield* TestServer.ok(keys.read, "DatasetsGet", { datasetId })
      assert.deepStrictEqual(
        [figures.documents, figures.segments, figures.tokens, figures.bytes, figures.lastIngestedAt],
        [dataset.documents, dataset.segments, dataset.tokens, dataset.bytes, dataset.lastIngestedAt]
      )
      assert.deepStrictEqual([figures.byStatus.queuing, figures.byStatus.error, figures.byStatus.deleting], [1, 1, 1])
      assert.deepStrictEqual([figures.bytes, figures.processingMs], [8, 12])
      const stranger = yield* TestServer.makeTenant
      const refused = yield* TestServer.refusal(stranger.keys.admin, "DatasetsStatistics", { datasetId })
      assert.deepStrictEqual(refused, { status: 404, tag: "DatasetNotFound" })
      assert.strictEqual((yield* sql`select 1 from datasets where tenant_id = ${tenantId}`).length, 1)
    }))

  it.effect("a place in the queue counts what is taken before, of the same tenant alone", () =>
    Effect.gen(function*() {
      const { ingest, keys, place, sql, tenantId } = yield* setting
      const other = yield* setting
      yield* other.ingest("foreign")
      const [early, bulk, late] = [
        yield* ingest("early"),
        yield* ingest("bulk", { lane: "bulk" }),
        yield* ingest("late")
      ]
      yield* other.ingest("foreign again")
      const ahead = (id: string) => Effect.map(place(id), ({ ahead, lane }) => [lane, ahead.jobs, ahead.documents])
      assert.deepStrictEqual(yield* ahead(early), ["interactive", 0, 0])
      assert.deepStrictEqual(yield* ahead(late), ["interactive", 1, 1])
      assert.deepStrictEqual(yield* ahead(bulk), ["bulk", 2, 2])
      yield* sql`update jobs set state = 'leased' where document_id = ${early}`
      assert.deepStrictEqual(yield* ahead(late), ["interactive", 0, 0])
      assert.isTrue((yield* place(early)).working)
      yield* TestServer.ok(keys.write, "DocumentsCancel", { documentId: late })
      const ended = yield* place(late)
      assert.deepStrictEqual([ended.lane, ended.estimatedSeconds, ended.status], [null, null, "cancelled"])
      const refused = yield* TestServer.refusal(other.keys.admin, "DocumentsQueue", { documentId: bulk })
      assert.deepStrictEqual(refused, { status: 404, tag: "DocumentNotFound" })
      assert.notStrictEqual(tenantId, other.tenantId)
    }))

  it.effect("the time is estimated from what was measured, and from nothing else", () =>
    Effect.gen(function*() {
      const { ingest, place, sql, tenantId } = yield* setting
      const other = yield* setting
      const published = Effect.fnUntraced(function*(own: typeof ingest, ended: number) {
        const documentId = yield* own(`ended ${ended}`)
        yield* sql`update runs set state = 'published', started_at = now() - make_interval(secs => ${ended + 10}),
          finished_at = now() - make_interval(secs => ${ended}) where document_id = ${documentId}`
        yield* sql`delete from jobs where document_id = ${documentId}`
      })
      yield* published(ingest, 100)
      yield* published(ingest, 200)
      for (const ended of [100, 200, 300]) yield* published(other.ingest, ended)
      const [first, second] = [yield* ingest("first"), yield* ingest("second")]
      assert.deepStrictEqual([(yield* place(first)).estimatedSeconds, (yield* place(first)).measured], [null, 2])
      yield* published(ingest, 300)
      const one = yield* place(first)
      assert.deepStrictEqual([Math.round(one.estimatedSeconds), one.measured], [10, 3])
      assert.strictEqual(Math.round((yield* place(second)).estimatedSeconds), 20)
      yield* sql`update runs set waiting_for = 'embedder' where document_id = ${first} and tenant_id = ${tenantId}`
      assert.isNull((yield* place(first)).estimatedSeconds)
    }))
})
