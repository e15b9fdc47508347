import { assert, it } from "@effect/vitest"
import { Config, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { suite } from "../../../../test/contracts/searchIndex.ts"
import { suite as filters } from "../../../../test/contracts/searchIndexFilters.ts"
import * as Database from "../../../../test/support/database/Database.ts"
import {
  cosine,
  entry,
  find,
  idsOf,
  newDataset,
  newTenant,
  sorted,
  space,
  spaceNamed
} from "../../../../test/support/indexEntries.ts"
import * as Postgres from "../sql/postgres.ts"
import * as Pgvector from "./pgvector.ts"
import { readLexical } from "./pgvector/lexical.ts"
import { tablesOf } from "./pgvector/tables.ts"
import { SearchIndex } from "./SearchIndex.ts"

const layer = Layer.provide(Pgvector.layer, Database.pgliteLayer)

suite("pgvector on PGlite", layer)
filters("pgvector on PGlite", layer)

/** A database of a server that has pgvector 0.7 or newer. Where it is named it must answer. */
const serverUrl = Effect.runSync(Config.option(Config.Redacted("SHEAF_TEST_PGVECTOR_URL")))

if (Option.isSome(serverUrl)) {
  const onServer = Layer.provide(Pgvector.layer, Postgres.layer({ url: serverUrl.value }))
  suite("pgvector on PostgreSQL", onServer)
  filters("pgvector on PostgreSQL", onServer)
}

const withDatabase = Layer.provideMerge(Pgvector.layer, Database.pgliteLayer)

it.layer(withDatabase, { timeout: "60 seconds", excludeTestServices: true })("pgvector's tables", (it) => {
  const filled = Effect.fnUntraced(function*(texts: ReadonlyArray<string>, nextNo = 1) {
    const [index, sql] = [yield* SearchIndex, yield* SqlClient.SqlClient]
    const [tenantId, datasetId] = [newTenant(), newDataset()]
    const tables = tablesOf(sql, space)
    yield* index.ensure(space)
    yield* sql`insert into ${tables.datasets} (tenant_id, dataset_id, next_no) values (${tenantId}, ${datasetId}, ${nextNo})`
    const [row] = yield* sql<{ readonly number: number }>`select number from ${tables.datasets}
      where dataset_id = ${datasetId}`
    const entries = texts.map((text) => entry(datasetId, text))
    yield* index.upsert(space, tenantId, entries)
    return { sql, tables, tenantId, datasetId, number: row!.number, entries }
  })

  it.effect("keep numbers of segments apart where their lower halves are equal", () =>
    Effect.gen(function*() {
      const texts = Array.from({ length: 30 }, (_, i) => `turbine number${i}`)
      const { datasetId, entries, tenantId } = yield* filled(texts, 65_520)
      assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine" })), sorted(...entries))
      for (const i of [0, 15, 16, 29]) {
        assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: `number${i}` })), sorted(entries[i]!))
      }
      const scope = { _tag: "Segments", segmentIds: entries.slice(10, 20).map(({ segmentId }) => segmentId) } as const
      assert.strictEqual(yield* (yield* SearchIndex).remove(space, tenantId, scope), 10)
      const rest = [...entries.slice(0, 10), ...entries.slice(20)]
      assert.deepStrictEqual(idsOf(yield* find(tenantId, [datasetId], { text: "turbine" })), sorted(...rest))
    }))

  it.effect("begin another block of postings where one is full, inside the row", () =>
    Effect.gen(function*() {
      const { entries, number, sql, tables } = yield* filled(Array.from({ length: 1_000 }, () => "turbine"))
      const blocks = yield* sql<{ readonly count: number; readonly size: number }>`
        select count, pg_column_size(p.*) as size from ${tables.postings} p where dataset = ${number}`
      assert.strictEqual(blocks.reduce((sum, { count }) => sum + count, 0), entries.length)
      assert.isTrue(blocks.length > 1 && blocks.every(({ size }) => size < 2_000))
    }))

  it.effect("leave the commonest words unread where there are too many postings, and say so", () =>
    Effect.gen(function*() {
      const texts = Array.from({ length: 1_000 }, (_, i) => `turbine ${i % 500 === 0 ? "valve" : ""}`)
      const { number, sql, tables } = yield* filled(texts)
      const lexical = yield* readLexical(sql, tables, [number], ["turbin", "valv", "nothing"], 2)
      assert.deepStrictEqual(lexical.documentFrequencies, [1_000, 2, 0])
      assert.deepStrictEqual(lexical.skipped, [0])
      assert.deepStrictEqual(lexical.lists.map(({ postings, term }) => [term, postings.nos.length]), [[1, 2]])
    }))

  it.effect("keep directions of any length as exactly as half precision can, with length 1", () =>
    Effect.gen(function*() {
      const [index, sql, wide] = [yield* SearchIndex, yield* SqlClient.SqlClient, spaceNamed("wide", 512)]
      const [tenantId, datasetId] = [newTenant(), newDataset()]
      const wave = (i: number, length: number) =>
        Float32Array.from({ length: 512 }, (_, at) => length * (Math.sin(at * (1 + i / 40)) + 0.3 * Math.cos(7 * at)))
      const entries = Array.from(
        { length: 40 },
        (_, i) => entry(datasetId, "turbine", { vector: wave(i, 10 ** (i % 9 - 4)) })
      )
      yield* index.upsert(wide, tenantId, entries)
      const query = wave(3.3, 0.01)
      const found = yield* index.candidates(wide, {
        tenantId,
        datasetIds: [datasetId],
        filter: undefined,
        terms: [],
        vector: query,
        limit: 40
      })
      assert.strictEqual(found.candidates.length, 40)
      for (const { cosine: read, segmentId } of found.candidates) {
        const { vector } = entries.find((given) => given.segmentId === segmentId)!
        assert.approximately(read!, cosine(vector!, query), 2e-4)
      }
      const [lengths] = yield* sql<{ readonly least: number; readonly most: number }>`
        select min(l2_norm(vector)) as least, max(l2_norm(vector)) as most from ${tablesOf(sql, wide).payloads}`
      assert.approximately(lengths!.least, 1, 2e-4)
      assert.approximately(lengths!.most, 1, 2e-4)
    }))

  it.effect("are empty once a dataset is gone", () =>
    Effect.gen(function*() {
      const { datasetId, number, sql, tables, tenantId } = yield* filled(["turbine", "valve"])
      yield* (yield* SearchIndex).remove(space, tenantId, { _tag: "Dataset", datasetId })
      for (const table of [tables.documents, tables.entries, tables.payloads, tables.postings]) {
        assert.deepStrictEqual(yield* sql`select 1 from ${table} where dataset = ${number}`, [])
      }
      assert.deepStrictEqual(yield* sql`select 1 from ${tables.datasets} where number = ${number}`, [])
    }))
})
