import type { Space } from "@sheaf/domain/spaces/Space"
import type { TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { IndexEntry } from "../SearchIndex.ts"
import { fieldsOf } from "./fields.ts"
import { blockSize, encodePostings, type Posting, upperHalf } from "./postings.ts"
import { removeRows } from "./removal.ts"
import { column, lock, numberDatasets, slices, statementRows, type StoredRow, storedTerms } from "./rows.ts"
import type { Tables } from "./tables.ts"
import { unit, vectorText } from "./vectorText.ts"

/** Most entries of one transaction. Their terms are many of them the same, and a term is written once; with more, others would wait. */
export const batchSize = 96

interface Item {
  readonly entry: IndexEntry
  readonly dataset: number
  readonly terms: string
  /** A vector that is `null` may stand in a list of texts, an array of nothing but `null` has no type: so "" stands for it. */
  readonly vector: string
}

/** Numbers of datasets by `datasetKey`: what this process knows of them. One that is forgotten and made again has another number. */
export type KnownNumbers = Map<string, number>

const datasetKey = (space: Space, tenantId: TenantId, datasetId: string) => `${space.id} ${tenantId} ${datasetId}`

/**
 * Writes up to `batchSize` entries. An entry whose words are there already keeps its place and gets at most a new vector; one whose words
 * have changed is taken out and put in again. What can be made without the database is made before the transaction, as others wait
 * for its end.
 */
export const writeBatch = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  tenantId: TenantId,
  entries: ReadonlyArray<IndexEntry>,
  known: KnownNumbers
): Effect.fn.Return<void, SqlError> {
  const prepared = [...new Map(entries.map((entry) => [entry.segmentId, entry])).values()].map((entry) => ({
    entry,
    terms: storedTerms(entry.terms),
    vector: entry.vector === null ? "" : vectorText(entry.vector)
  }))
  const datasetIds = new Set<string>(entries.map(({ datasetId }) => datasetId))
  let also: ReadonlyArray<number> = []
  while (true) {
    const unknown = [...datasetIds].filter((id) => !known.has(datasetKey(space, tenantId, id)))
    if (unknown.length > 0) {
      const numbers = yield* numberDatasets(sql, tables, tenantId, unknown)
      for (const [id, number] of numbers) known.set(datasetKey(space, tenantId, id), number)
    }
    const items = prepared.map(({ entry, terms, vector }): Item => ({
      entry,
      terms,
      vector,
      dataset: known.get(datasetKey(space, tenantId, entry.datasetId))!
    }))
    const missed = yield* sql.withTransaction(writeItems(sql, space, tables, tenantId, items, also))
    if (missed === null) return
    also = missed.alsoHold
    for (const id of datasetIds) {
      if (missed.gone.has(known.get(datasetKey(space, tenantId, id))!)) known.delete(datasetKey(space, tenantId, id))
    }
  }
})

/** Why nothing was written: datasets are not there any more, or segments lie in others, which have to be held as well. */
interface Missed {
  readonly gone: ReadonlySet<number>
  readonly alsoHold: ReadonlyArray<number>
}

const writeItems = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  tenantId: TenantId,
  items: ReadonlyArray<Item>,
  also: ReadonlyArray<number>
): Effect.fn.Return<Missed | null, SqlError> {
  const own = items.map(({ dataset }) => dataset)
  const locked = new Map((yield* lock(sql, tables, [...own, ...also])).map((row) => [row.number, row]))
  const gone = new Set(own.filter((number) => !locked.has(number)))
  if (gone.size > 0) return { gone, alsoHold: [] }
  const stored = yield* findStored(sql, tables, tenantId, items)
  const elsewhere = stored.map(({ dataset }) => dataset).filter((number) => !locked.has(number))
  if (elsewhere.length > 0) return { gone, alsoHold: elsewhere }

  const current = new Map(stored.map((row) => [row.segmentId, row]))
  const isSame = ({ dataset, entry, terms }: Item) => {
    const row = current.get(entry.segmentId)
    return row !== undefined && row.dataset === dataset && row.documentId === entry.documentId && row.terms === terms &&
      row.length === entry.length
  }
  const fresh = items.filter((item) => !isSame(item))
  const next = new Map(Array.from(locked.values(), ({ nextNo, number }) => [number, nextNo]))
  const placed = fresh.map((item) => {
    const no = next.get(item.dataset)!
    next.set(item.dataset, no + 1)
    return { item, no }
  })
  yield* removeRows(sql, tables, fresh.flatMap(({ entry }) => current.get(entry.segmentId) ?? []))
  yield* insertEntries(sql, space, tables, placed)
  yield* insertPostings(sql, tables, placed)
  const same = items.filter(isSame).map((item) => ({ item, no: current.get(item.entry.segmentId)!.no }))
  yield* updateVectors(sql, space, tables, same)
  yield* saveDocuments(sql, tables, items)
  return null
})

interface Placed {
  readonly item: Item
  readonly no: number
}

const findStored = (
  sql: SqlClient.SqlClient,
  tables: Tables,
  tenantId: TenantId,
  items: ReadonlyArray<Item>
): Effect.Effect<ReadonlyArray<StoredRow>, SqlError> =>
  sql<StoredRow>`select e.dataset, e.no, e.segment_id, e.document_id, e.length, p.terms
    from ${tables.entries} e
    join ${tables.payloads} p on p.dataset = e.dataset and p.no = e.no
    join ${tables.datasets} d on d.number = e.dataset
    where e.segment_id = any(${
    column(items, ({ entry }) => entry.segmentId)
  }::uuid[]) and d.tenant_id = ${tenantId}::uuid`

const insertEntries = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  placed: ReadonlyArray<Placed>
): Effect.fn.Return<void, SqlError> {
  if (placed.length === 0) return
  const dimension = sql.literal(String(space.dimension))
  yield* sql`with x as materialized (
      select dataset, no, length, segment_id, document_id, terms, nullif(vector, '')::vector(${dimension}) as vector
      from unnest(${column(placed, (x) => x.item.dataset)}::int[], ${column(placed, (x) => x.no)}::int[],
        ${column(placed, (x) => x.item.entry.length)}::int[], ${column(placed, (x) => x.item.entry.segmentId)}::uuid[],
        ${column(placed, (x) => x.item.entry.documentId)}::uuid[], ${column(placed, (x) => x.item.terms)}::text[],
        ${
    column(placed, (x) => x.item.vector)
  }::text[]) as x(dataset, no, length, segment_id, document_id, terms, vector)
    ), payloads as (
      insert into ${tables.payloads} (dataset, no, length, segment_id, vector, terms)
      select dataset, no, length, segment_id, ${unit(sql, sql`vector`)}, terms from x
    ), totals as (
      update ${tables.datasets} d set segments = d.segments + s.segments, length = d.length + s.length, next_no = s.next_no
      from (select dataset, count(*) as segments, sum(length) as length, max(no) + 1 as next_no from x group by dataset) s
      where d.number = s.dataset
    )
    insert into ${tables.entries} (dataset, no, length, segment_id, document_id, bits)
    select dataset, no, length, segment_id, document_id, binary_quantize(vector)::bit(${dimension}) from x`
})

const updateVectors = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  placed: ReadonlyArray<Placed>
): Effect.fn.Return<void, SqlError> {
  if (placed.length === 0) return
  const dimension = sql.literal(String(space.dimension))
  yield* sql`with x as materialized (
      select dataset, no, vector, ${unit(sql, sql`vector`)} as unit
      from (select dataset, no, nullif(vector, '')::vector(${dimension}) as vector
        from unnest(${column(placed, (x) => x.item.dataset)}::int[], ${column(placed, (x) => x.no)}::int[],
          ${column(placed, (x) => x.item.vector)}::text[]) as given(dataset, no, vector)) as given
    ), changed as (
      update ${tables.payloads} p set vector = x.unit from x
      where p.dataset = x.dataset and p.no = x.no and p.vector is distinct from x.unit
      returning p.dataset, p.no
    )
    update ${tables.entries} e set bits = binary_quantize(x.vector)::bit(${dimension})
    from x join changed c on c.dataset = x.dataset and c.no = x.no
    where e.dataset = x.dataset and e.no = x.no`
})

interface TermList {
  readonly dataset: number
  readonly term: string
  readonly postings: Array<Posting>
}

/** The postings of each term that may lie in one block. */
const listsOf = (placed: ReadonlyArray<Placed>): ReadonlyArray<TermList> => {
  const places = new Map<string, Map<string, TermList>>()
  for (const { item: { dataset, entry: { length, terms } }, no } of placed) {
    const place = `${dataset} ${upperHalf(no)}`
    const lists = places.get(place) ?? new Map<string, TermList>()
    places.set(place, lists)
    for (const [term, frequency] of terms) {
      const list = lists.get(term)
      if (list === undefined) lists.set(term, { dataset, term, postings: [{ no, frequency, length }] })
      else list.postings.push({ no, frequency, length })
    }
  }
  return Array.from(places.values(), (lists) => Array.from(lists.values())).flat()
}

/** Adds to the last block of each term, or begins a new one where that has no room for all of them. */
const insertPostings = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  placed: ReadonlyArray<Placed>
): Effect.fn.Return<void, SqlError> {
  for (const some of slices(listsOf(placed), statementRows)) {
    yield* sql`insert into ${tables.postings} as p (dataset, term, first, count, data)
      select x.dataset, x.term, coalesce(last.first, x.first), x.count, x.data
      from unnest(${column(some, (x) => x.dataset)}::int[], ${column(some, (x) => x.term)}::text[],
        ${column(some, (x) => x.postings[0]!.no)}::int[], ${column(some, (x) => x.postings.length)}::int[],
        ${column(some, (x) => encodePostings(x.postings))}::bytea[]) as x(dataset, term, first, count, data)
      left join lateral (
        select b.first, b.count from ${tables.postings} b where b.dataset = x.dataset and b.term = x.term
        order by b.first desc limit 1
      ) last on last.count + x.count <= ${blockSize} and last.first >> 16 = x.first >> 16
      on conflict (dataset, term, first) do update set count = p.count + excluded.count, data = p.data || excluded.data`
  }
})

const saveDocuments = (sql: SqlClient.SqlClient, tables: Tables, items: ReadonlyArray<Item>) => {
  const documents = [...new Map(items.map((item) => [`${item.dataset} ${item.entry.documentId}`, item])).values()]
  return sql`insert into ${tables.documents} as d (dataset, document_id, fields)
    select x.dataset, x.document_id, x.fields::jsonb
    from unnest(${column(documents, (x) => x.dataset)}::int[], ${column(documents, (x) => x.entry.documentId)}::uuid[],
      ${column(documents, (x) => fieldsOf(x.entry))}::text[]) as x(dataset, document_id, fields)
    on conflict (dataset, document_id) do update set fields = excluded.fields
    where d.fields is distinct from excluded.fields`
}
