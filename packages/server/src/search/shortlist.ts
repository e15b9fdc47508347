import { makeRanker } from "@sheaf/adapters/search/ranking"
import type { Candidate, Candidates } from "@sheaf/adapters/search/SearchIndex"
import type { SegmentId } from "@sheaf/domain/ids"
import type { Score, SearchMode } from "@sheaf/domain/search/Search"
import type { Space } from "@sheaf/domain/spaces/Space"
import { speaks } from "@sheaf/adapters/text/language"
import type { Question } from "./question.ts"

/** A segment that may become a hit. */
export interface Contender {
  readonly segmentId: SegmentId
  readonly total: number
  /** Its score; the language of the segment says why there was no vector to compare. */
  readonly final: (language: string) => Score
}

/**
 * Candidates of one space by their scores, the best first. Segments in a language that the model does not speak are indexed without a
 * vector, so a score is final before the segment is loaded, and only as many are loaded as are shown.
 */
export const shortlist = (
  { mode, question, space }: { readonly mode: SearchMode; readonly question: Question; readonly space: Space },
  { candidates, statistics }: Candidates
): ReadonlyArray<Contender> => {
  const ranker = makeRanker({ ...question, mode, space }, statistics)
  const contender = (candidate: Candidate): Contender => {
    const score = ranker.score(candidate)
    return {
      segmentId: candidate.segmentId,
      total: score.total,
      final: (language) =>
        score.lexicalOnly === "no-vector" && !speaks(space.languages, language)
          ? { ...score, lexicalOnly: "language" }
          : score
    }
  }
  return candidates.map(contender).filter(({ total }) => total > 0)
}

/** The best first; equal ones in the order of their ids. */
export const byTotal = (a: Contender, b: Contender): number =>
  b.total - a.total || (a.segmentId < b.segmentId ? -1 : a.segmentId > b.segmentId ? 1 : 0)
