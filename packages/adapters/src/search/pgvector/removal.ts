import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { withoutPostings } from "./postings.ts"
import { column, slices, statementRows, type StoredRow, termsOf } from "./rows.ts"
import type { Tables } from "./tables.ts"

interface Block {
  readonly dataset: number
  readonly term: string
  readonly first: number
  readonly data: Uint8Array
}

/** Where the segments to remove stand in the postings of one term: numbers `from` to `to`. */
interface Reach {
  readonly dataset: number
  readonly term: string
  readonly from: number
  readonly to: number
}

const byDataset = (rows: ReadonlyArray<StoredRow>): ReadonlyMap<number, ReadonlySet<number>> => {
  const removed = new Map<number, Set<number>>()
  for (const { dataset, no } of rows) removed.set(dataset, (removed.get(dataset) ?? new Set()).add(no))
  return removed
}

const reaches = (rows: ReadonlyArray<StoredRow>): ReadonlyArray<Reach> => {
  const all = new Map<string, Reach>()
  for (const { dataset, no, terms } of rows) {
    for (const [term] of termsOf(terms)) {
      const key = `${dataset} ${term}`
      const { from, to } = all.get(key) ?? { from: no, to: no }
      all.set(key, { dataset, term, from: Math.min(from, no), to: Math.max(to, no) })
    }
  }
  return [...all.values()]
}

/** Takes segments out of the blocks of their terms. */
const removePostings = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  rows: ReadonlyArray<StoredRow>
): Effect.fn.Return<void, SqlError> {
  const removed = byDataset(rows)
  for (const some of slices(reaches(rows), statementRows)) {
    // A block reaches from its first number to the next block's: the one that holds `from` begins at or before it.
    const blocks = yield* sql<Block>`
      select p.dataset, p.term, p.first, p.data
      from unnest(${column(some, (x) => x.dataset)}::int[], ${column(some, (x) => x.term)}::text[],
        ${column(some, (x) => x.from)}::int[], ${column(some, (x) => x.to)}::int[]) as x(dataset, term, "from", "to")
      cross join lateral (
        select max(b.first) as first from ${tables.postings} b
        where b.dataset = x.dataset and b.term = x.term and b.first <= x."from"
      ) begin
      join ${tables.postings} p on p.dataset = x.dataset and p.term = x.term and p.first between begin.first and x."to"`
    const changed = blocks.map(({ data, dataset, first, term }) => ({
      dataset,
      term,
      first,
      data: withoutPostings(data, first, removed.get(dataset)!)
    }))
    const kept = changed.filter(({ data }) => data.length > 0)
    const empty = changed.filter(({ data }) => data.length === 0)
    yield* sql`update ${tables.postings} p set data = x.data, count = length(x.data) / 4
      from unnest(${column(kept, (x) => x.dataset)}::int[], ${column(kept, (x) => x.term)}::text[],
        ${column(kept, (x) => x.first)}::int[], ${
      column(kept, (x) => x.data)
    }::bytea[]) as x(dataset, term, first, data)
      where p.dataset = x.dataset and p.term = x.term and p.first = x.first`
    yield* sql`delete from ${tables.postings} p
      using unnest(${column(empty, (x) => x.dataset)}::int[], ${column(empty, (x) => x.term)}::text[],
        ${column(empty, (x) => x.first)}::int[]) as x(dataset, term, first)
      where p.dataset = x.dataset and p.term = x.term and p.first = x.first`
  }
})

/** Removes segments and all that hangs on them. In a transaction that has locked their datasets. */
export const removeRows = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  rows: ReadonlyArray<StoredRow>
): Effect.fn.Return<void, SqlError> {
  if (rows.length === 0) return
  yield* removePostings(sql, tables, rows)
  yield* deleteEntries(sql, tables, rows)
})

/** Removes segments without looking at their postings, for a dataset that goes as a whole. */
export const deleteEntries = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  rows: ReadonlyArray<Omit<StoredRow, "terms">>
): Effect.fn.Return<void, SqlError> {
  const given = sql`unnest(${column(rows, (x) => x.dataset)}::int[], ${column(rows, (x) => x.no)}::int[],
    ${column(rows, (x) => x.documentId)}::uuid[], ${column(rows, (x) => x.length)}::int[])
    as x(dataset, no, document_id, length)`
  yield* sql`delete from ${tables.entries} t using ${given} where t.dataset = x.dataset and t.no = x.no`
  yield* sql`delete from ${tables.payloads} t using ${given} where t.dataset = x.dataset and t.no = x.no`
  yield* sql`update ${tables.datasets} d set segments = d.segments - s.segments, length = d.length - s.length
    from (select x.dataset, count(*) as segments, sum(x.length) as length from ${given} group by x.dataset) s
    where d.number = s.dataset`
  yield* sql`delete from ${tables.documents} t using (select distinct x.dataset, x.document_id from ${given}) x
    where t.dataset = x.dataset and t.document_id = x.document_id and not exists (
      select 1 from ${tables.entries} e where e.dataset = x.dataset and e.document_id = x.document_id)`
})
