import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { DatasetId, SegmentId } from "@sheaf/domain/ids"
import type { SearchMode, SearchRequest, SearchResult } from "@sheaf/domain/search/Search"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer } from "effect"
import { hitOf } from "./hitOf.ts"
import { makeAsk } from "./question.ts"
import { QueryLog } from "./QueryLog.ts"
import { type Found, makeRerank } from "./rerank.ts"
import { byTotal, type Contender, shortlist } from "./shortlist.ts"
import { stopwatch } from "./stopwatch.ts"
import { makeWait } from "./waiting.ts"

/** Candidates asked for, of each way to find them; more where more hits are wanted. */
const candidatesFor = (limit: number): number => Math.max(200, 4 * limit)

const byScore = (a: Found, b: Found): number =>
  b.score.total - a.score.total || (a.segment.segmentId < b.segment.segmentId ? -1 : 1)

/** Finds, scores, and shows only what the database says may be seen at this moment. */
export class Search extends Context.Service<Search, {
  readonly query: (
    caller: Caller,
    request: SearchRequest
  ) => Effect.Effect<SearchResult, DatasetNotFound | BadRequest>
}>()("@sheaf/server/search/Search") {
  static readonly layer = Layer.effect(
    Search,
    Effect.gen(function*() {
      const ask = yield* makeAsk
      const datasets = yield* DatasetsRepo
      const index = yield* SearchIndex
      const log = yield* QueryLog
      const rerank = yield* makeRerank
      const segments = yield* SegmentsRepo
      const wait = yield* makeWait

      /** The datasets to search, by space. */
      const places = Effect.fnUntraced(function*(caller: Caller, wanted: ReadonlyArray<DatasetId> | undefined) {
        const found = yield* datasets.searchable(caller, wanted)
        const seen = new Set<string>(found.map(({ id }) => id))
        const missing = wanted?.find((id) => !seen.has(id.toLowerCase()))
        if (missing !== undefined) return yield* new DatasetNotFound({ datasetId: missing })
        return Map.groupBy(found, ({ space }) => space.id).values().map((group) => ({
          space: group[0]!.space,
          datasetIds: group.map(({ id }) => id)
        })).toArray()
      })

      /** What one space has to say. */
      const consult = Effect.fnUntraced(function*(
        caller: Caller,
        request: SearchRequest & { readonly mode: SearchMode; readonly limit: number },
        place: { readonly space: Space; readonly datasetIds: ReadonlyArray<DatasetId> },
        watch: ReturnType<typeof stopwatch>
      ) {
        const { space } = place
        const { filter, limit, mode, text } = request
        const question = yield* watch.time("embed", ask(text, mode, space))
        const { terms, vector } = question
        const nothing = terms.length === 0 && vector === undefined
        const found = nothing ? null : yield* watch.time(
          "candidates",
          Effect.orDie(index.candidates(space, {
            tenantId: caller.tenantId,
            datasetIds: place.datasetIds,
            filter,
            terms,
            vector,
            limit: candidatesFor(limit)
          }))
        )
        const contenders = found === null
          ? []
          : yield* watch.time("rank", Effect.sync(() => shortlist({ mode, question, space }, found)))
        return { contenders, terms, isDegraded: question.isDegraded, exhausted: found?.exhausted ?? true }
      })

      /** Loads contenders, the most promising first, until none of the rest can be better than the hits there are. */
      const load = Effect.fnUntraced(function*(
        caller: Caller,
        contenders: ReadonlyArray<Contender>,
        { limit, threshold }: { readonly limit: number; readonly threshold: number }
      ) {
        const page = Math.max(20, limit)
        const found: Array<Found> = []
        const below: Array<number> = []
        let dropped = 0
        const parents = new Set<SegmentId>()
        for (let from = 0; from < contenders.length; from += page) {
          const next = contenders.slice(from, from + page)
          found.sort(byScore)
          const worst = found[limit - 1]
          if (worst !== undefined && worst.score.total >= next[0]!.total) break
          const readable = yield* segments.readable(caller, next.map(({ segmentId }) => segmentId))
          const byId = new Map(readable.map((segment) => [segment.segmentId, segment]))
          for (const contender of next) {
            const segment = byId.get(contender.segmentId)
            if (segment === undefined) {
              dropped++
              continue
            }
            const score = contender.final(segment.language)
            if (score.total < threshold) below.push(score.total)
            else if (score.total > 0 && (segment.isOneOf === null || !parents.has(segment.isOneOf))) {
              found.push({ segment, score })
              // Siblings that come after it are no better, and would be read as the same.
              if (segment.isOneOf !== null) parents.add(segment.isOneOf)
            }
          }
        }
        return { found: found.sort(byScore).slice(0, limit), below, dropped }
      })

      const query: Search["Service"]["query"] = Effect.fn("Search.query")(function*(caller, asked) {
        const request = { mode: "hybrid", limit: 10, threshold: 0, ...asked } as const
        const { mode, threshold } = request
        const isThere = yield* wait(caller, asked)
        const watch = stopwatch()
        const measured = yield* watch.time(
          "total",
          Effect.gen(function*() {
            const answers = yield* Effect.forEach(
              yield* places(caller, request.datasetIds),
              (place) => consult(caller, request, place, watch)
            )
            const contenders = answers.flatMap((answer) => answer.contenders).sort(byTotal)
            const above = contenders.filter(({ total }) => total >= threshold)
            const reach = rerank.reach(request)
            const loaded = yield* watch.time("load", load(caller, above, { limit: reach, threshold }))
            const below = [...loaded.below, ...contenders.slice(above.length).map(({ total }) => total)]
            const terms = new Set(answers.flatMap((answer) => answer.terms))
            const verdict = yield* watch.time("rerank", rerank.order(request, loaded.found))
            return { ...loaded, verdict, answers, below, candidates: contenders.length, terms: [...terms] }
          })
        )
        const { answers, below, candidates, dropped, terms, verdict: { found, ...verdict } } = measured
        const timings = yield* watch.read
        const hits = found.slice(0, request.limit).map(({ score, segment }) => hitOf(segment, score, terms))
        yield* log.offer(caller, {
          request: asked,
          hits: hits.length,
          best: hits.length === 0 ? null : Math.max(...hits.map(({ score }) => score.total)),
          elapsedMs: timings.totalMs
        })
        return {
          hits,
          explain: {
            mode,
            ...(answers.some((answer) => answer.isDegraded) && { without: "embedder" as const }),
            ...(!isThere && { notYet: true as const }),
            ...verdict,
            candidates,
            exhausted: answers.every((answer) => answer.exhausted),
            dropped,
            belowThreshold: below.length,
            bestBelowThreshold: below.length === 0 ? null : Math.max(...below),
            timings
          }
        }
      })

      return Search.of({ query })
    })
  )
}
