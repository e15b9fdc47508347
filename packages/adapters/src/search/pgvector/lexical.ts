import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { idf, saturation } from "../ranking.ts"
import { blockSize, decodePostings, type Postings } from "./postings.ts"
import type { Tables } from "./tables.ts"

/**
 * Blocks that a search reads at most, about a million postings. Where the terms have more, the rarest are read and the commonest
 * are left to the scoring of candidates.
 */
const mostBlocks = 3_000

interface Frequency {
  readonly term: string
  readonly count: number
}

interface Block extends Frequency {
  readonly dataset: number
  readonly first: number
  readonly data: Uint8Array
}

/** Postings of one term in one dataset. */
interface List {
  readonly dataset: number
  /** Place of the term in the query. */
  readonly term: number
  readonly postings: Postings
}

export interface Lexical {
  readonly documentFrequencies: ReadonlyArray<number>
  readonly lists: ReadonlyArray<List>
  /** Places of the terms that were too common to be read. */
  readonly skipped: ReadonlyArray<number>
}

/** The rarest terms whose postings together stay within the budget, at least one of them. */
const affordable = (frequencies: ReadonlyArray<number>, budget: number): ReadonlySet<number> => {
  const present = [...frequencies.keys()].filter((i) => frequencies[i]! > 0).sort((a, b) =>
    frequencies[a]! - frequencies[b]!
  )
  const chosen = new Set<number>()
  let total = 0
  for (const i of present) {
    total += frequencies[i]!
    if (chosen.size > 0 && total > budget) break
    chosen.add(i)
  }
  return chosen
}

/** Reads how often each term stands in the datasets, and where. */
export const readLexical = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: Tables,
  datasets: ReadonlyArray<number>,
  terms: ReadonlyArray<string>,
  blocksLimit = mostBlocks
): Effect.fn.Return<Lexical, SqlError> {
  if (terms.length === 0) return { documentFrequencies: [], lists: [], skipped: [] }
  const place = new Map(terms.map((term, i) => [term, i]))
  const read = (wanted: ReadonlyArray<string>) =>
    sql<Block>`select dataset, term, first, count, data from ${tables.postings}
      where dataset = any(${datasets}::int[]) and term = any(${wanted}::text[]) limit ${blocksLimit}`
  const listsOf = (blocks: ReadonlyArray<Block>) =>
    blocks.map(({ data, dataset, first, term }): List => ({
      dataset,
      term: place.get(term)!,
      postings: decodePostings(data, first)
    }))
  const countsOf = (rows: ReadonlyArray<Frequency>) => {
    const counts = terms.map(() => 0)
    for (const { count, term } of rows) counts[place.get(term)!]! += count
    return counts
  }

  const all = yield* read(terms)
  if (all.length < blocksLimit) {
    return { documentFrequencies: countsOf(all), lists: listsOf(all), skipped: [] }
  }
  const documentFrequencies = countsOf(
    yield* sql<Frequency>`select term, sum(count)::int as count from ${tables.postings}
      where dataset = any(${datasets}::int[]) and term = any(${terms}::text[]) group by term`
  )
  const chosen = affordable(documentFrequencies, blocksLimit * blockSize)
  const blocks = yield* read([...chosen].map((i) => terms[i]!))
  const isCut = blocks.length === blocksLimit
  return {
    documentFrequencies,
    lists: listsOf(blocks),
    skipped: [...terms.keys()].filter((i) => documentFrequencies[i]! > 0 && (isCut || !chosen.has(i)))
  }
})

export interface Place {
  readonly dataset: number
  readonly no: number
}

/** Segments by dataset; `undefined` where all are allowed. */
export type Allowed = ReadonlyMap<number, ReadonlySet<number>> | undefined

interface Scored extends Place {
  readonly score: number
}

const better = (a: Scored, b: Scored): number => b.score - a.score || a.dataset - b.dataset || a.no - b.no

/** Keeps the best of many, without sorting them all. */
const keepBest = (limit: number) => {
  let best: Array<Scored> = []
  let worst = 0
  return {
    add: (scored: Scored): void => {
      if (scored.score < worst) return
      best.push(scored)
      if (best.length < 4 * limit) return
      best = best.sort(better).slice(0, limit)
      worst = best.at(-1)!.score
    },
    get: (): ReadonlyArray<Scored> => best.sort(better).slice(0, limit)
  }
}

/** The segments with the highest BM25 (by rounded lengths) among those allowed, and how many have any of the terms. */
export const bestByWords = (
  lexical: Lexical,
  statistics: { readonly segments: number; readonly averageLength: number },
  allowed: Allowed,
  limit: number
): { readonly places: ReadonlyArray<Place>; readonly matched: number } => {
  const best = keepBest(limit)
  let matched = 0
  for (const [dataset, lists] of Map.groupBy(lexical.lists, (list) => list.dataset)) {
    const scores = scoresOf(lists, lexical.documentFrequencies, statistics)
    const mayBe = allowed?.get(dataset)
    for (let no = 0; no < scores.length; no++) {
      const score = scores[no]!
      if (score === 0 || (allowed !== undefined && mayBe?.has(no) !== true)) continue
      matched++
      best.add({ dataset, no, score })
    }
  }
  return { places: best.get(), matched }
}

/** BM25 of the segments of one dataset, by their number. */
const scoresOf = (
  lists: ReadonlyArray<List>,
  documentFrequencies: ReadonlyArray<number>,
  { averageLength, segments }: { readonly segments: number; readonly averageLength: number }
): Float64Array => {
  const last = lists.reduce((most, { postings }) => Math.max(most, postings.nos.at(-1)!), 0)
  const scores = new Float64Array(last + 1)
  for (const { postings: { frequencies, lengths, nos }, term } of lists) {
    const weight = idf(segments, documentFrequencies[term]!)
    for (let i = 0; i < nos.length; i++) {
      scores[nos[i]!]! += weight * saturation(frequencies[i]!, lengths[i]!, averageLength)
    }
  }
  return scores
}

/** Frequencies of the query's terms in the given segments, in their order; terms that were not read count as 0. */
export const frequenciesOf = (
  lexical: Lexical,
  places: ReadonlyArray<Place>,
  terms: number
): ReadonlyArray<Array<number>> => {
  const frequencies = places.map(() => Array.from({ length: terms }, () => 0))
  const rowOf = new Map(
    [...Map.groupBy(places.keys(), (i) => places[i]!.dataset)].map((
      [dataset, rows]
    ) => [dataset, new Map(rows.map((i) => [places[i]!.no, i]))])
  )
  for (const { dataset, postings, term } of lexical.lists) {
    const rows = rowOf.get(dataset)
    if (rows === undefined) continue
    const { frequencies: found, nos } = postings
    for (let i = 0; i < nos.length; i++) {
      const row = rows.get(nos[i]!)
      if (row !== undefined) frequencies[row]![term] = found[i]!
    }
  }
  return frequencies
}
