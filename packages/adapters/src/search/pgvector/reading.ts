import type { SegmentId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import type { CandidateQuery, Candidates } from "../SearchIndex.ts"
import { filterSql } from "./filterSql.ts"
import { type Allowed, bestByWords, frequenciesOf, type Lexical, type Place, readLexical } from "./lexical.ts"
import { column, termsOf } from "./rows.ts"
import type { Tables } from "./tables.ts"
import { vectorText } from "./vectorText.ts"

/**
 * For each vector wanted, so many with the most equal signs are compared whole. Of the true nearest 10 (50) among 20,000 real vectors of
 * 512 dimensions, 300 candidates hold .987 (.939), 400 hold .992 (.960).
 */
const oversampling = 3

interface Totals {
  readonly number: number
  readonly segments: number
  readonly length: number
}

interface FoundRow extends Place {
  readonly segmentId: SegmentId
  readonly length: number
  readonly cosine: number | null
  readonly isNear: boolean
}

const nothing = (terms: number): Candidates => ({
  candidates: [],
  statistics: { segments: 0, averageLength: 0, documentFrequencies: Array.from({ length: terms }, () => 0) },
  exhausted: true
})

/** Candidates of one query, in four or five short statements. */
export const readCandidates = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  query: CandidateQuery
): Effect.fn.Return<Candidates, SqlError> {
  const totals = yield* sql<Totals>`select number, segments, length::int from ${tables.datasets}
    where tenant_id = ${query.tenantId}::uuid and dataset_id = any(${query.datasetIds}::uuid[])`
  const datasets = totals.map(({ number }) => number)
  const segments = totals.reduce((sum, row) => sum + row.segments, 0)
  if (segments === 0) return nothing(query.terms.length)
  const averageLength = totals.reduce((sum, row) => sum + row.length, 0) / segments

  const matching = filterOf(sql, tables, query)
  const lexical = yield* readLexical(sql, tables, datasets, query.terms)
  const allowed = matching === undefined || lexical.lists.length === 0
    ? undefined
    : yield* readAllowed(sql, tables, datasets, matching)
  const words = bestByWords(lexical, { segments, averageLength }, allowed, query.limit)

  const near = query.vector === undefined ? 0 : query.limit * oversampling
  const found = yield* readFound(sql, space, tables, {
    datasets,
    matching,
    near,
    vector: query.vector,
    words: words.places
  })
  const frequencies = frequenciesOf(lexical, found, query.terms.length)
  yield* readSkipped(sql, tables, query.terms, lexical, found, frequencies)
  return {
    candidates: found.map(({ cosine, length, segmentId }, i) => ({
      segmentId,
      length,
      cosine,
      frequencies: frequencies[i]!
    })),
    statistics: { segments, averageLength, documentFrequencies: lexical.documentFrequencies },
    exhausted: words.matched <= query.limit && lexical.skipped.length === 0 &&
      (near === 0 || found.filter(({ isNear }) => isNear).length < near)
  }
})

/** Condition on an entry `e` that its document is one the filter wants. */
const filterOf = (sql: SqlClient.SqlClient, tables: Tables, { filter }: CandidateQuery): Fragment | undefined =>
  filter === undefined ? undefined : sql`exists (select 1 from ${tables.documents} d
    where d.dataset = e.dataset and d.document_id = e.document_id and ${filterSql(sql, sql`d.fields`, filter)})`

/** Every segment that the filter lets through: so a search with a filter finds the best of them, not the rest of the best. */
const readAllowed = (
  sql: SqlClient.SqlClient,
  tables: Tables,
  datasets: ReadonlyArray<number>,
  matching: Fragment
): Effect.Effect<Allowed, SqlError> =>
  Effect.map(
    sql<{ readonly dataset: number; readonly nos: Uint8Array }>`
      select e.dataset, string_agg(int4send(e.no), ''::bytea) as nos from ${tables.entries} e
      where e.dataset = any(${datasets}::int[]) and ${matching} group by e.dataset`,
    (rows) =>
      new Map(rows.map(({ dataset, nos }) => {
        const view = new DataView(nos.buffer, nos.byteOffset, nos.byteLength)
        return [dataset, new Set(Array.from({ length: nos.byteLength / 4 }, (_, i) => view.getInt32(4 * i)))]
      }))
  )

const readFound = (
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  { datasets, matching, near, vector, words }: {
    readonly datasets: ReadonlyArray<number>
    readonly matching: Fragment | undefined
    readonly near: number
    readonly vector: Float32Array | undefined
    readonly words: ReadonlyArray<Place>
  }
): Effect.Effect<ReadonlyArray<FoundRow>, SqlError> => {
  const byWords = sql`select dataset, no, false as is_near
    from unnest(${column(words, (x) => x.dataset)}::int[], ${column(words, (x) => x.no)}::int[]) as w(dataset, no)`
  if (vector === undefined) {
    return sql<FoundRow>`select e.dataset, e.no, e.segment_id, e.length, null::float8 as cosine, false as is_near
      from (${byWords}) c join ${tables.payloads} e on e.dataset = c.dataset and e.no = c.no`
  }
  const dimension = sql.literal(String(space.dimension))
  return sql<FoundRow>`with q as materialized (select ${vectorText(vector)}::vector(${dimension}) as vector),
    near as materialized (
      select e.dataset, e.no, true as is_near from ${tables.entries} e
      where e.dataset = any(${datasets}::int[]) and e.bits is not null and ${matching ?? sql`true`}
      order by e.bits <~> (select binary_quantize(vector)::bit(${dimension}) from q) limit ${near}
    ),
    chosen as materialized (
      select dataset, no, bool_or(is_near) as is_near
      from (select dataset, no, is_near from near union all ${byWords}) c group by dataset, no
    )
    select p.dataset, p.no, p.segment_id, p.length, c.is_near,
      -(p.vector <#> (select vector::halfvec(${dimension}) from q)) as cosine
    from chosen c join ${tables.payloads} p on p.dataset = c.dataset and p.no = c.no`
}

/** Frequencies of terms that are too common for their postings to be read: from the candidates themselves. */
const readSkipped = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  terms: ReadonlyArray<string>,
  lexical: Lexical,
  found: ReadonlyArray<FoundRow>,
  frequencies: ReadonlyArray<Array<number>>
): Effect.fn.Return<void, SqlError> {
  if (lexical.skipped.length === 0) return
  const rows = yield* sql<{ readonly place: number; readonly terms: string }>`select x.place::int, p.terms
    from unnest(${column(found, (x) => x.dataset)}::int[], ${column(found, (x) => x.no)}::int[])
      with ordinality as x(dataset, no, place)
    join ${tables.payloads} p on p.dataset = x.dataset and p.no = x.no`
  for (const row of rows) {
    const stored = new Map(termsOf(row.terms))
    for (const i of lexical.skipped) frequencies[row.place - 1]![i] = stored.get(terms[i]!) ?? 0
  }
})
