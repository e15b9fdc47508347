import type { SegmentId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import type { CandidateQuery, Candidates } from "../SearchIndex.ts"
import { filterSql } from "../../sql/filterSql.ts"
import { type Allowed, bestByWords, frequenciesOf, type Lexical, type Place, readLexical } from "./lexical.ts"
import { column, termsOf } from "./rows.ts"
import type { Tables } from "./tables.ts"
import { unit, vectorText } from "./vectorText.ts"

/**
 * How many entries with the most signs in common with the query are compared by their whole vectors. Of the true nearest 10 (50, 100) among
 * 20,000 vectors of 512 dimensions (3,000 real ones, the rest mixtures of two of them), the first 300 hold .987 (.939, .883), 800 hold .999 (.988, .973).
 */
const nearLimit = (limit: number): number => Math.max(300, Math.ceil(1.5 * limit))

interface Totals {
  readonly number: number
  readonly segments: number
  readonly length: number
}

interface FoundRow extends Place {
  readonly segmentId: SegmentId
  readonly length: number
  readonly cosine: number | null
}

const nothing = (terms: number): Candidates => ({
  candidates: [],
  statistics: { segments: 0, averageLength: 0, documentFrequencies: Array.from({ length: terms }, () => 0) },
  exhausted: true
})

/** Candidates of one query, in four short statements. */
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

  // Together, so that the database scans while the postings are decoded here.
  const [lexical, { allowed, near }] = yield* Effect.all([
    readLexical(sql, tables, datasets, query.terms),
    scan(sql, space, tables, datasets, query)
  ], { concurrency: 2 })
  const words = bestByWords(lexical, { segments, averageLength }, allowed, query.limit)
  const found = yield* readFound(sql, space, tables, distinct([...near, ...words.places]), query.vector)
  const frequencies = frequenciesOf(lexical, found, query.terms.length)
  yield* readSkipped(sql, tables, query.terms, lexical, found, frequencies)
  return {
    candidates: found.map(({ cosine, length, segmentId }, i) => ({
      segmentId,
      length,
      // Half precision may step a little over the edge.
      cosine: cosine === null ? null : Math.max(-1, Math.min(1, cosine)),
      frequencies: frequencies[i]!
    })),
    statistics: { segments, averageLength, documentFrequencies: lexical.documentFrequencies },
    exhausted: words.matched <= query.limit && lexical.skipped.length === 0 &&
      (query.vector === undefined || near.length < nearLimit(query.limit))
  }
})

/** Each once, in the order in which they lie in the table. */
const distinct = (places: ReadonlyArray<Place>): ReadonlyArray<Place> =>
  [...new Map(places.map((place) => [`${place.dataset} ${place.no}`, place])).values()]
    .sort((a, b) => a.dataset - b.dataset || a.no - b.no)

/** Condition on an entry `e` that its document is one the filter wants. */
const filterOf = (sql: SqlClient.SqlClient, tables: Tables, { filter }: CandidateQuery): Fragment | undefined =>
  filter === undefined ? undefined : sql`exists (select 1 from ${tables.documents} d
    where d.dataset = e.dataset and d.document_id = e.document_id and ${
    filterSql(sql, (field) => sql`(d.fields -> ${field}::text)`, filter)
  })`

interface ScanRow {
  readonly dataset: number
  readonly isNear: boolean
  /** Numbers of segments, 4 bytes each, big-endian. */
  readonly nos: Uint8Array
}

const numbersIn = ({ nos }: ScanRow): ReadonlyArray<number> => {
  const view = new DataView(nos.buffer, nos.byteOffset, nos.byteLength)
  return Array.from({ length: nos.byteLength / 4 }, (_, i) => view.getInt32(4 * i))
}

/**
 * One look at every entry of the datasets: those with the most signs in common with the query's vector, and, where there is a filter, all
 * that it lets through. So a search with a filter finds the best of these, not what it leaves of the best.
 */
const scan = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  datasets: ReadonlyArray<number>,
  query: CandidateQuery
): Effect.fn.Return<{ readonly allowed: Allowed; readonly near: ReadonlyArray<Place> }, SqlError> {
  const matching = filterOf(sql, tables, query)
  if (matching === undefined && query.vector === undefined) return { allowed: undefined, near: [] }
  const dimension = sql.literal(String(space.dimension))
  const entries = sql`select e.dataset, e.no, e.bits from ${tables.entries} e
    where e.dataset = any(${datasets}::int[]) and ${matching ?? sql`true`}`
  const packed = sql.literal("string_agg(int4send(no), ''::bytea) as nos")
  const near = query.vector === undefined ? undefined : sql`
    select dataset, true as is_near, ${packed} from (
      select dataset, no from ${matching === undefined ? sql`(${entries})` : sql`matching`} m where bits is not null
      order by bits <~> (select binary_quantize(${vectorText(query.vector)}::vector(${dimension}))::bit(${dimension}))
      limit ${nearLimit(query.limit)}
    ) near group by dataset`
  const all = sql`select dataset, false as is_near, ${packed} from matching group by dataset`
  const rows = matching === undefined
    ? yield* sql<ScanRow>`${near!}`
    : yield* sql<ScanRow>`with matching as materialized (${entries})
      ${all} ${near === undefined ? sql`` : sql`union all ${near}`}`
  const [filtered, nearest] = [rows.filter(({ isNear }) => !isNear), rows.filter(({ isNear }) => isNear)]
  return {
    allowed: matching === undefined
      ? undefined
      : new Map(filtered.map((row) => [row.dataset, new Set(numbersIn(row))])),
    near: nearest.flatMap((row) => numbersIn(row).map((no) => ({ dataset: row.dataset, no })))
  }
})

const readFound = (
  sql: SqlClient.SqlClient,
  space: Space,
  tables: Tables,
  places: ReadonlyArray<Place>,
  vector: Float32Array | undefined
): Effect.Effect<ReadonlyArray<FoundRow>, SqlError> => {
  const dimension = sql.literal(String(space.dimension))
  // Vectors have length 1 on both sides: the inner product is the cosine.
  const cosine = vector === undefined
    ? sql`null::float8`
    : sql`-(p.vector <#> (select ${unit(sql, sql`${vectorText(vector)}::vector(${dimension})`)}))`
  return sql<FoundRow>`select p.dataset, p.no, p.segment_id, p.length, ${cosine} as cosine
    from unnest(${column(places, (x) => x.dataset)}::int[], ${column(places, (x) => x.no)}::int[]) as x(dataset, no)
    join ${tables.payloads} p on p.dataset = x.dataset and p.no = x.no`
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
