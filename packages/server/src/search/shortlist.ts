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
  /** No final score of this segment is higher. */
  readonly bound: number
  /** Its score, now that its language is known. */
  readonly final: (language: string) => Score
}

/**
 * Candidates of one space with the most that each can reach, the best first. The language of a segment is known only when it is
 * loaded, and a vector of a language that the model does not speak says nothing: so both scores have to be thought of.
 */
export const shortlist = (
  { mode, question, space }: { readonly mode: SearchMode; readonly question: Question; readonly space: Space },
  { candidates, statistics }: Candidates
): ReadonlyArray<Contender> => {
  const ranker = makeRanker({ ...question, mode, space }, statistics)
  // Where vectors alone are asked for, and where the model speaks everything, there is one score.
  const isUniversal = mode === "vector" || space.languages === null
  const contender = (candidate: Candidate): Contender => {
    const spoken = ranker.score(candidate)
    const unspoken = isUniversal ? spoken : ranker.score(candidate, { spoken: false })
    return {
      segmentId: candidate.segmentId,
      bound: Math.max(spoken.total, unspoken.total),
      final: (language) => speaks(space.languages, language) ? spoken : unspoken
    }
  }
  return candidates.map(contender).filter(({ bound }) => bound > 0)
}

/** The most promising first; equal ones in the order of their ids. */
export const byBound = (a: Contender, b: Contender): number =>
  b.bound - a.bound || (a.segmentId < b.segmentId ? -1 : a.segmentId > b.segmentId ? 1 : 0)
