import type { SegmentId, TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { readCandidates } from "./pgvector/reading.ts"
import { deleteEntries, removeRows } from "./pgvector/removal.ts"
import { lock, slices, type StoredRow } from "./pgvector/rows.ts"
import { scanPage } from "./pgvector/scanning.ts"
import { create, exists, type Tables, tablesOf } from "./pgvector/tables.ts"
import { numbersOf } from "./pgvector/vectorText.ts"
import { batchSize, type KnownNumbers, writeBatch } from "./pgvector/writing.ts"
import {
  type CandidateQuery,
  type IndexEntry,
  type IndexScope,
  type ScannedPage,
  SearchIndex,
  SearchIndexError
} from "./SearchIndex.ts"

/** Entries removed in one transaction: their words with the postings, or the rows alone. */
const removalPage = 32
const deletionPage = 500

/** Vectors read by one statement: as text they are long. */
const vectorPage = 100

const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const known = new Set<string>()
  const numbers: KnownNumbers = new Map()

  const failing = (operation: string) =>
    Effect.mapError((cause: SqlError) => new SearchIndexError({ operation, isRetryable: cause.isRetryable, cause }))

  const ensured = (space: Space): Effect.Effect<void, SqlError> =>
    known.has(space.id) ? Effect.void : Effect.tap(create(sql, space), () => Effect.sync(() => known.add(space.id)))

  /** Runs on the tables of a space; one that nobody has written to holds nothing. */
  const onTables = <A>(space: Space, empty: A, run: (tables: Tables) => Effect.Effect<A, SqlError>) =>
    Effect.gen(function*() {
      if (!known.has(space.id)) {
        if (!(yield* exists(sql, space))) return empty
        known.add(space.id)
      }
      return yield* run(tablesOf(sql, space))
    })

  const scopeSql = (tables: Tables, tenantId: TenantId, scope: IndexScope): Fragment => {
    const mine = sql`select number from ${tables.datasets} where tenant_id = ${tenantId}::uuid`
    switch (scope._tag) {
      case "Segments":
        return sql`e.segment_id = any(${scope.segmentIds}::uuid[]) and e.dataset in (${mine})`
      case "Document":
        return sql`e.document_id = ${scope.documentId}::uuid and e.dataset in (${mine})`
      case "Dataset":
        return sql`e.dataset in (${mine} and dataset_id = ${scope.datasetId}::uuid)`
      case "Tenant":
        return sql`e.dataset in (${mine})`
    }
  }

  const upsert = Effect.fn("SearchIndex.upsert")((
    space: Space,
    tenantId: TenantId,
    entries: ReadonlyArray<IndexEntry>
  ) =>
    ensured(space).pipe(
      Effect.andThen(
        Effect.forEach(
          slices(entries, batchSize),
          (batch) => writeBatch(sql, space, tablesOf(sql, space), tenantId, batch, numbers),
          { discard: true }
        )
      ),
      failing("upsert")
    )
  )

  /** One page of a removal; answers how many entries it took. */
  const removePage = (tables: Tables, condition: Fragment, isWhole: boolean) =>
    sql.withTransaction(Effect.gen(function*() {
      const page = isWhole ? deletionPage : removalPage
      const found = yield* sql<{ readonly dataset: number }>`select e.dataset from ${tables.entries} e
        where ${condition} limit ${page}`
      yield* lock(sql, tables, found.map(({ dataset }) => dataset))
      const terms = isWhole ? sql`'[]'` : sql`p.terms`
      const rows = yield* sql<StoredRow>`
        select e.dataset, e.no, e.segment_id, e.document_id, e.length, ${terms} as terms
        from ${tables.entries} e join ${tables.payloads} p on p.dataset = e.dataset and p.no = e.no
        where ${condition} limit ${page}`
      yield* isWhole ? deleteEntries(sql, tables, rows) : removeRows(sql, tables, rows)
      return rows.length
    }))

  const removeAll = Effect.fnUntraced(function*(tables: Tables, condition: Fragment, isWhole: boolean) {
    let removed = 0
    while (true) {
      const page = yield* removePage(tables, condition, isWhole)
      if (page === 0) return removed
      removed += page
    }
  })

  /** What is left of a tenant's datasets without entries. Idempotent: a removal that was cut short is ended by the next one. */
  const forgetDatasets = Effect.fnUntraced(function*(tables: Tables, tenantId: TenantId, which: Fragment) {
    const mine =
      sql`select number from ${tables.datasets} where tenant_id = ${tenantId}::uuid and segments = 0 ${which}`
    while (true) {
      const page = yield* sql`delete from ${tables.postings} where ctid = any(array(
        select ctid from ${tables.postings} where dataset in (${mine}) limit 5000)) returning 1 as one`
      if (page.length === 0) break
    }
    yield* sql`delete from ${tables.datasets} where number in (${mine})`
  })

  const remove = Effect.fn("SearchIndex.remove")((space: Space, tenantId: TenantId, scope: IndexScope) =>
    onTables(space, 0, (tables) =>
      Effect.gen(function*() {
        const condition = scopeSql(tables, tenantId, scope)
        const isWhole = scope._tag === "Dataset" || scope._tag === "Tenant"
        const removed = yield* removeAll(tables, condition, isWhole)
        if (isWhole) {
          const which = scope._tag === "Tenant" ? sql`` : sql`and dataset_id = ${scope.datasetId}::uuid`
          yield* forgetDatasets(tables, tenantId, which)
        }
        return removed
      })).pipe(failing("remove"))
  )

  const count = Effect.fn("SearchIndex.count")((space: Space, tenantId: TenantId, scope: IndexScope) =>
    onTables(space, 0, (tables) =>
      Effect.map(
        sql<{ readonly count: number }>`select count(*)::int as count from ${tables.entries} e
          where ${scopeSql(tables, tenantId, scope)}`,
        ([row]) => row?.count ?? 0
      )).pipe(failing("count"))
  )

  const scan: SearchIndex["Service"]["scan"] = Effect.fn("SearchIndex.scan")((space, tenantId, options) =>
    onTables<ScannedPage>(space, { entries: [], next: undefined }, (tables) => scanPage(sql, tables, tenantId, options))
      .pipe(failing("scan"))
  )

  const present: SearchIndex["Service"]["present"] = Effect.fn("SearchIndex.present")((space, tenantId, segmentIds) =>
    onTables<ReadonlySet<SegmentId>>(space, new Set(), (tables) =>
      Effect.map(
        sql<{ readonly segmentId: SegmentId }>`select e.segment_id from ${tables.entries} e
          where ${scopeSql(tables, tenantId, { _tag: "Segments", segmentIds })}`,
        (found) => new Set(found.map((row) => row.segmentId))
      )).pipe(failing("present"))
  )

  const vectors: SearchIndex["Service"]["vectors"] = Effect.fn("SearchIndex.vectors")((space, tenantId, segmentIds) =>
    onTables<ReadonlyMap<SegmentId, Float32Array | null>>(space, new Map(), (tables) =>
      Effect.map(
        Effect.forEach(slices(segmentIds, vectorPage), (some) =>
          sql<{ readonly segmentId: SegmentId; readonly vector: string | null }>`
            select e.segment_id, p.vector::text as vector
            from ${tables.entries} e join ${tables.payloads} p on p.dataset = e.dataset and p.no = e.no
            where ${scopeSql(tables, tenantId, { _tag: "Segments", segmentIds: some })}`),
        (pages) =>
          new Map(pages.flat().map(({ segmentId, vector }) => [segmentId, vector === null ? null : numbersOf(vector)]))
      )).pipe(failing("vectors"))
  )

  const candidates = Effect.fn("SearchIndex.candidates")((space: Space, query: CandidateQuery) =>
    onTables(
      space,
      {
        candidates: [],
        statistics: { segments: 0, averageLength: 0, documentFrequencies: query.terms.map(() => 0) },
        exhausted: true
      },
      (tables) => readCandidates(sql, space, tables, query)
    ).pipe(failing("candidates"))
  )

  const ensure = Effect.fn("SearchIndex.ensure")((space: Space) => ensured(space).pipe(failing("ensure")))

  return SearchIndex.of({ ensure, upsert, candidates, remove, count, scan, present, vectors })
})

/**
 * The search index in the database itself: PGlite, or PostgreSQL with the extension `vector` (0.7 or newer). Words are found through blocks of postings,
 * so candidates are the best by BM25 exactly; vectors by the signs of their components first, then by cosine.
 */
export const layer: Layer.Layer<SearchIndex, never, SqlClient.SqlClient> = Layer.effect(SearchIndex, make)
