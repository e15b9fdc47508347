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

/** Most entries of one transaction: with more, a block of postings could outgrow its row. */
export const batchSize = 32

interface Item {
  readonly entry: IndexEntry
  readonly dataset: number
  readonly terms: string
}

/**
 * Writes up to `batchSize` entries. An entry whose words are there already keeps its place and gets at most a new vector; one whose words
 * have changed is taken out and put in again.
 */
export const writeBatch = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  tenantId: TenantId,
  entries: ReadonlyArray<IndexEntry>
): Effect.fn.Return<void, SqlError> {
  const numbers = yield* numberDatasets(sql, tables, tenantId, entries.map(({ datasetId }) => datasetId))
  const items = [...new Map(entries.map((entry) => [entry.segmentId, entry])).values()].map((entry): Item => ({
    entry,
    dataset: numbers.get(entry.datasetId)!,
    terms: storedTerms(entry.terms)
  }))
  const stored = yield* findStored(sql, tables, tenantId, items)
  const locked = yield* lock(sql, tables, [...numbers.values(), ...stored.map(({ dataset }) => dataset)])
  // Looked up again under the lock: another writer may have been first.
  const current = new Map((yield* findStored(sql, tables, tenantId, items)).map((row) => [row.segmentId, row]))
  const isSame = ({ dataset, entry, terms }: Item) => {
    const row = current.get(entry.segmentId)
    return row !== undefined && row.dataset === dataset && row.documentId === entry.documentId && row.terms === terms &&
      row.length === entry.length
  }
  const fresh = items.filter((item) => !isSame(item))
  yield* removeRows(sql, tables, fresh.flatMap(({ entry }) => current.get(entry.segmentId) ?? []))
  const next = new Map(locked.map(({ nextNo, number }) => [number, nextNo]))
  const placed = fresh.map((item) => {
    const no = next.get(item.dataset)!
    next.set(item.dataset, no + 1)
    return { item, no }
  })
  yield* insertEntries(sql, space, tables, placed)
  yield* insertPostings(sql, tables, placed)
  const same = items.filter(isSame).map((item) => ({ item, no: current.get(item.entry.segmentId)!.no }))
  yield* updateVectors(sql, space, tables, same)
  yield* saveDocuments(sql, tables, items)
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

/** A vector that is `null` may stand in a list of texts, an array of nothing but `null` has no type: so "" stands for it. */
const vectorColumn = (placed: ReadonlyArray<Placed>) =>
  column(placed, ({ item: { entry } }) => entry.vector === null ? "" : vectorText(entry.vector))

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
        ${vectorColumn(placed)}::text[]) as x(dataset, no, length, segment_id, document_id, terms, vector)
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
          ${vectorColumn(placed)}::text[]) as given(dataset, no, vector)) as given
    ), changed as (
      update ${tables.payloads} p set vector = x.unit from x
      where p.dataset = x.dataset and p.no = x.no and p.vector is distinct from x.unit
      returning p.dataset, p.no
    )
    update ${tables.entries} e set bits = binary_quantize(x.vector)::bit(${dimension})
    from x join changed c on c.dataset = x.dataset and c.no = x.no
    where e.dataset = x.dataset and e.no = x.no`
})

/** Adds to the last block of each term, or begins a new one where that is full. */
const insertPostings = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  placed: ReadonlyArray<Placed>
): Effect.fn.Return<void, SqlError> {
  const lists = new Map<
    string,
    { readonly dataset: number; readonly term: string; readonly postings: Array<Posting> }
  >()
  for (const { item: { dataset, entry }, no } of placed) {
    for (const [term, frequency] of entry.terms) {
      const key = `${dataset} ${upperHalf(no)} ${term}`
      const list = lists.get(key) ?? { dataset, term, postings: [] }
      list.postings.push({ no, frequency, length: entry.length })
      lists.set(key, list)
    }
  }
  for (const some of slices([...lists.values()], statementRows)) {
    yield* sql`insert into ${tables.postings} as p (dataset, term, first, count, data)
      select x.dataset, x.term, coalesce(last.first, x.first), x.count, x.data
      from unnest(${column(some, (x) => x.dataset)}::int[], ${column(some, (x) => x.term)}::text[],
        ${column(some, (x) => x.postings[0]!.no)}::int[], ${column(some, (x) => x.postings.length)}::int[],
        ${column(some, (x) => encodePostings(x.postings))}::bytea[]) as x(dataset, term, first, count, data)
      left join lateral (
        select b.first, b.count from ${tables.postings} b where b.dataset = x.dataset and b.term = x.term
        order by b.first desc limit 1
      ) last on last.count < ${blockSize} and last.first >> 16 = x.first >> 16
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
