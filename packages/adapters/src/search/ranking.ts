import type { SegmentId } from "@sheaf/domain/ids"
import type { Score, SearchMode } from "@sheaf/domain/search/Search"
import type { Space } from "@sheaf/domain/spaces/Space"
import type { Candidate, Candidates } from "./SearchIndex.ts"

/** BM25's saturation of term frequency and its normalisation by length; measured, see docs/decisions/ranking.md. */
const k1 = 1.2
const b = 0.75

/** Weight of a term that `frequency` of `segments` segments have (Robertson and Spärck Jones, never negative). */
export const idf = (segments: number, frequency: number): number =>
  Math.log(1 + Math.max(0, segments - frequency + 0.5) / (frequency + 0.5))

/** What a term's frequency is worth in a segment of this length; below k1 + 1 whatever the frequency. */
export const saturation = (frequency: number, length: number, averageLength: number): number =>
  frequency === 0 ? 0 : frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * length / (averageLength || 1)))

export interface RankQuery {
  readonly mode: SearchMode
  /** As `analyzeQuery` gives them, in the order of `CandidateQuery.terms`. */
  readonly terms: ReadonlyArray<string>
  readonly weights: ReadonlyArray<number>
  readonly space: Pick<Space, "vectorWeight" | "cosineFloor">
  /** False where the embedder does not speak the query's language, so that no vector of it was made. */
  readonly spoken: boolean
}

export interface Ranked {
  readonly segmentId: SegmentId
  readonly score: Score
}

export interface Ranker {
  /** `spoken: false` for a segment in a language that the embedder does not speak: its vector then says nothing. */
  readonly score: (candidate: Candidate, segment?: { readonly spoken: boolean }) => Score
}

const clamp = (value: number) => Math.min(1, Math.max(0, value))

/**
 * Scores candidates of one query:
 *
 *   score = (1 - w) * BM25 / upper bound of the query + w * max(0, (cosine - c0) / (1 - c0))
 *
 * The upper bound is what a text would reach that repeats every term of the query without end, terms that no text has included. Neither
 * part depends on the other candidates, so a threshold means the same for every query. `w` is 0 for keyword mode and 1 for vector mode.
 *
 * Where no vectors can be compared (keyword mode, no vector, a language that the embedder does not speak) the lexical part alone is
 * the score, with its full weight: it is the mean over what is known. So a hybrid search in such a language is exactly the
 * keyword search, order and thresholds included.
 */
export const makeRanker = (query: RankQuery, statistics: Candidates["statistics"]): Ranker => {
  const weights = query.terms.map((_, i) =>
    (query.weights[i] ?? 1) * idf(statistics.segments, statistics.documentFrequencies[i] ?? 0)
  )
  const upperBound = weights.reduce((sum, weight) => sum + weight * (k1 + 1), 0)
  const share = { keyword: 0, vector: 1, hybrid: query.space.vectorWeight }[query.mode]
  const floor = query.space.cosineFloor

  const lexicalOnly = (candidate: Candidate, spoken: boolean): Score["lexicalOnly"] =>
    query.mode === "keyword"
      ? "mode"
      : !query.spoken || !spoken
      ? "language"
      : candidate.cosine === null
      ? "no-vector"
      : undefined

  const score: Ranker["score"] = (candidate, segment = { spoken: true }) => {
    const bm25 = weights.reduce(
      (sum, weight, i) =>
        sum + weight * saturation(candidate.frequencies[i] ?? 0, candidate.length, statistics.averageLength),
      0
    )
    const reason = lexicalOnly(candidate, segment.spoken)
    const cosine = reason === undefined ? candidate.cosine : null
    const vectorShare = reason === undefined ? share : 0
    const similarity = cosine === null ? 0 : clamp((cosine - floor) / (1 - floor))
    const lexical = (1 - vectorShare) * (upperBound === 0 ? 0 : clamp(bm25 / upperBound))
    const vector = vectorShare * similarity
    return {
      total: lexical + vector,
      lexical: {
        contribution: lexical,
        bm25,
        upperBound,
        matched: query.terms.filter((_, i) => (candidate.frequencies[i] ?? 0) > 0)
      },
      vector: { contribution: vector, cosine },
      ...(reason === undefined ? {} : { lexicalOnly: reason })
    }
  }
  return { score }
}

/** The best first; equal scores in the order of their ids, so that the same search gives the same list. */
export const byScore = (a: Ranked, b: Ranked): number =>
  b.score.total - a.score.total || (a.segmentId < b.segmentId ? -1 : a.segmentId > b.segmentId ? 1 : 0)

/** Candidates with their scores, the best first; those that neither a word nor a vector speaks for are left out. */
export const rank = (query: RankQuery, found: Candidates): ReadonlyArray<Ranked> => {
  const ranker = makeRanker(query, found.statistics)
  return found.candidates
    .map((candidate) => ({ segmentId: candidate.segmentId, score: ranker.score(candidate) }))
    .filter(({ score }) => score.total > 0)
    .sort(byScore)
}
