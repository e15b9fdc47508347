import { SegmentId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect } from "effect"
import { idf, saturation } from "../../ranking.ts"
import type { CandidateQuery, Candidates } from "../../SearchIndex.ts"
import type { Engine } from "../Engine.ts"
import type { Failure } from "../Failure.ts"
import { choose } from "./filterText.ts"
import { segmentIdOf } from "../fields/hex.ts"
import { cosinesOf, type Hit, nearSearches, type Page, pageOf, wordSearches } from "./hits.ts"
import { holds } from "./holds.ts"
import { checkVector, decodeFields } from "../fields/record.ts"
import { searchesAtOnce } from "../writing/removal.ts"
import { limitedTo, within } from "./scope.ts"
import { foundOf, type Totals } from "./statistics.ts"
import { unpackFrequencies, wordOf } from "../fields/words.ts"

/** Words of a question whose segments are fetched, the rarest first; all of them count for the score. */
const mostWords = 16

/** Hits of all words together, about: what they cost is most of what a search costs. */
const mostHits = 1_600
const fewestHitsAWord = 100

const hitsAWord = (words: number, limit: number): number =>
  Math.max(fewestHitsAWord, Math.min(limit, Math.floor(mostHits / Math.max(1, words))))

export const nothing = (query: CandidateQuery): Candidates => ({
  candidates: [],
  statistics: { segments: 0, averageLength: 0, documentFrequencies: query.terms.map(() => 0) },
  exhausted: true
})

/** Where to look: the caller's filter, and what nobody gets past. */
interface Place {
  readonly collection: string
  readonly mandatory: string
  readonly filter: string
  readonly withFields: boolean
}

/**
 * Candidates of one query: all searches in one request, and, where words and a vector are asked for, one more for the cosines of
 * what only the words found.
 */
export const readCandidates = Effect.fnUntraced(function*(
  { engine, totals }: { readonly engine: Engine; readonly totals: Totals },
  space: Space,
  collection: string,
  query: CandidateQuery
): Effect.fn.Return<Candidates, Failure> {
  const { datasetIds, filter, limit, tenantId, terms, vector } = query
  if (datasetIds.length === 0 || (terms.length === 0 && vector === undefined)) return nothing(query)
  if (vector !== undefined) yield* checkVector(vector, space)
  const choice = choose(filter)
  const mandatory = within(tenantId, datasetIds)
  const place = { collection, mandatory, filter: limitedTo(choice.text, mandatory), withFields: !choice.isExact }
  const words = terms.map(wordOf)

  const gathered = yield* gather(engine, { ...place, total: yield* totals(collection, mandatory) }, words, query)
  const { cosines, hits, statistics } = gathered
  const passing = filter === undefined || choice.isExact ? hits : yield* Effect.filter(
    hits,
    (hit) => Effect.map(decodeFields(hit.fields), (fields) => holds(filter, fields))
  )
  const weights = statistics.documentFrequencies.map((frequency) => idf(statistics.segments, frequency))
  const scored = passing.map((hit) => {
    const present = unpackFrequencies(hit.words)
    const frequencies = words.map((word) => present.get(word) ?? 0)
    const worth = (frequency: number) => saturation(frequency, hit.length, statistics.averageLength)
    return { hit, frequencies, score: frequencies.reduce((sum, one, i) => sum + weights[i]! * worth(one), 0) }
  })
  const byWords = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)
  const kept = new Set([...byWords.slice(0, limit), ...scored.filter(({ hit }) => cosines.has(hit.id))])

  const unweighed = [...kept].map(({ hit }) => hit.id).filter((id) => !cosines.has(id))
  const weighed = vector === undefined
    ? new Map<string, number>()
    : yield* cosinesOf(engine, { collection, mandatory, ids: unweighed, vector })
  return {
    candidates: [...kept].map(({ frequencies, hit }) => ({
      segmentId: SegmentId.make(segmentIdOf(hit.id)),
      frequencies,
      length: hit.length,
      cosine: cosines.get(hit.id) ?? weighed.get(hit.id) ?? null
    })),
    statistics,
    exhausted: gathered.isComplete && byWords.length <= limit
  }
})

interface Gathered {
  /** Each once. */
  readonly hits: ReadonlyArray<Hit>
  /** Of the nearest. */
  readonly cosines: ReadonlyMap<string, number>
  readonly statistics: Candidates["statistics"]
  /** Nothing else has one of the words, or a vector. */
  readonly isComplete: boolean
}

const gather = Effect.fnUntraced(function*(
  engine: Engine,
  { total, ...place }: Place & { readonly total: Effect.Success<ReturnType<Totals>> },
  words: ReadonlyArray<string>,
  { filter, limit, vector }: CandidateQuery
): Effect.fn.Return<Gathered, Failure> {
  // A longer question asks first which of its words are rare.
  const known = words.length > mostWords ? yield* frequenciesOf(engine, place, words) : undefined
  const sought = known === undefined ? words : rarest(words, known)
  const perWord = hitsAWord(sought.length, limit)
  const byWord = sought.map((word) => wordSearches({ ...place, hits: perWord, word }))
  const byVector = vector === undefined
    ? []
    : nearSearches({ ...place, filter: limitedTo("embedded:=true", `(${place.filter})`), hits: limit, vector })
  // A filter hides how many segments have a word.
  const counts = filter === undefined || known !== undefined ? [] : words.map((word) => countSearch(place, word))
  const results = yield* engine.multiSearch([
    ...byWord.flat(),
    ...byVector,
    ...counts,
    total.search
  ])

  const queue = results.values()
  const take = (many: number) => queue.take(many).toArray()
  const wordPages = yield* Effect.forEach(byWord, ({ length }) => Effect.forEach(take(length), pageOf))
  const nearPages = yield* Effect.forEach(take(byVector.length), pageOf)
  const counted = yield* Effect.forEach(take(counts.length), foundOf)
  const statistics = yield* total.read(take(1)[0])

  const near = nearPages.flatMap(({ hits }) => hits)
  const all = [...wordPages.flat(2).flatMap(({ hits }) => hits), ...near]
  const isWhole = (pages: ReadonlyArray<Page>, most: number) =>
    pages.every(({ found, isCut }) => !isCut && found <= most)
  return {
    hits: [...new Map(all.map((hit) => [hit.id, hit])).values()],
    cosines: new Map(near.flatMap(({ cosine, id }) => cosine === null ? [] : [[id, cosine]])),
    statistics: {
      ...statistics,
      documentFrequencies: known ?? words.map((_, i) => counted[i] ?? wordPages[i]?.[0]?.found ?? 0)
    },
    isComplete: wordPages.every((pages) => isWhole(pages, perWord)) && isWhole(nearPages, limit - 1) &&
      words.every((word, i) => known === undefined || known[i] === 0 || sought.includes(word))
  }
})

const countSearch = ({ collection, mandatory }: Place, word: string) =>
  wordSearches({ collection, filter: mandatory, hits: 0, withFields: false, word })[0]!

const frequenciesOf = Effect.fnUntraced(function*(engine: Engine, place: Place, words: ReadonlyArray<string>) {
  const pages = Array.from(
    { length: Math.ceil(words.length / searchesAtOnce) },
    (_, i) => words.slice(i * searchesAtOnce, (i + 1) * searchesAtOnce)
  )
  const counts = yield* Effect.forEach(pages, (page) =>
    Effect.flatMap(
      engine.multiSearch(page.map((word) => countSearch(place, word))),
      Effect.forEach((result) => foundOf(result))
    ), { concurrency: 2 })
  return counts.flat()
})

const rarest = (words: ReadonlyArray<string>, frequencies: ReadonlyArray<number>): ReadonlyArray<string> =>
  words.map((word, i) => ({ word, frequency: frequencies[i]! }))
    .filter(({ frequency }) => frequency > 0)
    .sort((a, b) => a.frequency - b.frequency)
    .slice(0, mostWords)
    .map(({ word }) => word)
