import type { Readable } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { reranker } from "@sheaf/adapters/rerank/Reranker"
import type { Score, SearchRequest, SearchResult } from "@sheaf/domain/search/Search"
import { Effect, Option, Result } from "effect"

export interface Found {
  readonly segment: Readable
  readonly score: Score
}

type Verdict = Pick<SearchResult["explain"], "reranked" | "notReranked">

/** A segment as a reader has it before the eyes: under its titles. */
const passageOf = ({ headingPath, text }: Readable): string =>
  headingPath.length === 0 ? text : `${headingPath.join(" > ")}\n\n${text}`

/**
 * Lets the reranker, where there is one, put the best hits in order. It decides about nothing else: which hits there are is the total's
 * business, so a threshold means the same with a reranker, without one, and while it is down.
 */
export const makeRerank = Effect.gen(function*() {
  const configured = yield* reranker

  const not = (found: ReadonlyArray<Found>, notReranked: NonNullable<Verdict["notReranked"]>) => ({
    found,
    reranked: false as const,
    notReranked
  })

  return {
    /** How many hits to load for an answer of so many: more, so that good ones can rise. */
    reach: ({ limit, rerank }: Pick<SearchRequest, "rerank"> & { readonly limit: number }): number =>
      Option.isNone(configured) || rerank === false ? limit : Math.max(limit, configured.value.candidates),

    /** Hits by total come in, the best first; all of them go out. */
    order: Effect.fn("Search.rerank")(function*(
      { rerank, text }: Pick<SearchRequest, "rerank" | "text">,
      found: ReadonlyArray<Found>
    ): Effect.fn.Return<Verdict & { readonly found: ReadonlyArray<Found> }> {
      if (Option.isNone(configured)) return not(found, "not-configured")
      if (rerank === false) return not(found, "not-wanted")
      if (found.length < 2) return not(found, "nothing-to-order")
      const { candidates, rerank: ask } = configured.value
      const best = found.slice(0, candidates)
      const answer = yield* Effect.result(ask(text, best.map(({ segment }) => passageOf(segment))))
      if (Result.isFailure(answer)) {
        yield* Effect.logWarning(`a search did without the reranker: ${answer.failure.detail}`)
        return not(found, answer.failure.reason)
      }
      const scored = best.map(({ score, segment }, i) => ({ segment, score: { ...score, rerank: answer.success[i]! } }))
      // The sort is stable: what the reranker finds equal stays in the order of the totals.
      return {
        found: [...scored.sort((a, b) => b.score.rerank - a.score.rerank), ...found.slice(candidates)],
        reranked: true
      }
    })
  }
})
