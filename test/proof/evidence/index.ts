import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/** An entry of the search index in the database, as its tables have it. */
export interface IndexedSegment {
  readonly dataset_id: string
  readonly document_id: string
  readonly segment_id: string
  readonly space: string
  readonly length: number
  readonly vector: string | null
  readonly terms: string
  readonly fields: Readonly<Record<string, unknown>> | null
}

/** How many segments a term leads to. */
export interface Posting {
  readonly dataset_id: string
  readonly term: string
  readonly count: number
}

export interface Indexed {
  readonly segments: ReadonlyArray<IndexedSegment>
  readonly postings: ReadonlyArray<Posting>
  /** Of documents without an entry. */
  readonly strayDocuments: ReadonlyArray<string>
}

/** Everything that the index holds of a tenant, with statements of our own over the tables of every space. */
export const readIndex = Effect.fn("proof.readIndex")(
  function*(sql: SqlClient.SqlClient, tenantIds: ReadonlyArray<string>) {
    const spaces = yield* sql<{ readonly name: string }>`select table_name as name from information_schema.tables
      where table_name like 'index\\_%\\_entries'`
    const segments: Array<IndexedSegment> = []
    const postings: Array<Posting> = []
    const strayDocuments: Array<string> = []
    for (const { name } of spaces) {
      const base = name.replace(/_entries$/, "")
      const mine = `${base}_datasets d where d.tenant_id = any($1::uuid[])`
      segments.push(
        ...yield* sql.unsafe<IndexedSegment>(
          `select d.dataset_id, e.document_id, e.segment_id, '${base.replace("index_", "")}' as space, p.length,
            p.vector::text as vector, p.terms, f.fields
          from ${base}_entries e join ${base}_datasets d on d.number = e.dataset
          left join ${base}_payloads p on p.dataset = e.dataset and p.no = e.no
          left join ${base}_documents f on f.dataset = e.dataset and f.document_id = e.document_id
          where d.tenant_id = any($1::uuid[])`,
          [tenantIds]
        )
      )
      postings.push(
        ...yield* sql.unsafe<Posting>(
          `select d.dataset_id, p.term, sum(p.count)::int as count
          from ${base}_postings p join ${base}_datasets d on d.number = p.dataset
          where d.tenant_id = any($1::uuid[]) group by 1, 2`,
          [tenantIds]
        )
      )
      const strays = yield* sql.unsafe<{ readonly id: string }>(
        `select f.document_id as id from ${base}_documents f where f.dataset in (select number from ${mine})
          and not exists (select 1 from ${base}_entries e where e.dataset = f.dataset and e.document_id = f.document_id)`,
        [tenantIds]
      )
      strayDocuments.push(...strays.map(({ id }) => id))
    }
    return { segments, postings, strayDocuments } satisfies Indexed
  },
  Effect.orDie
)
