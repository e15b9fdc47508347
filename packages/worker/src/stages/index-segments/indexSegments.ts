import { newId } from "@sheaf/adapters/repos/newId"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { speaks } from "@sheaf/adapters/text/language"
import { JobId, WorkUnitId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Duration, Effect, Option, Schema } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { entryOf } from "../entryOf.ts"
import { ofIndex } from "../failures.ts"
import { IndexSpec } from "../units.ts"

const decodeSpec = Schema.decodeUnknownEffect(IndexSpec)

/** Puts the segments of a unit into the search index. They stay invisible to readers until their run is published. */
export const indexSegments = Effect.gen(function*() {
  const index = yield* SearchIndex
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo
  const vectors = yield* VectorsRepo

  return Stage.make({
    handles: "IndexSegments",
    concurrency: 2,
    timeout: "5 minutes",
    run: Effect.fn("indexSegments")(function*(work) {
      const { claim, job } = work
      const found = yield* runs.work(claim.tenantId, job.unitId)
      if (Option.isNone(found) || isFinal(found.value.run.state)) return Stage.nothing
      const { run, unit } = found.value
      const spec = yield* Effect.orDie(decodeSpec(unit.spec))
      const { space } = run.config
      const slice = yield* segments.slice(claim.tenantId, job.runId, spec.from, spec.to)
      // On its way out when this run took it up: an entry written now might be removed after it (see purgeRun).
      if (slice.some((segment) => segment.goingOut)) {
        return yield* new Stage.TryAgain({
          reason: "a purge is removing entries of segments that this version has too",
          patient: true,
          delay: Duration.millis(500)
        })
      }
      // What an earlier version shares with this one is in the index already: an edit costs only its own segments. What was replaced by
      // hand will be in no version.
      const fresh = slice.filter((segment) => segment.indexState !== "in_sync" && !segment.replaced)
      if (fresh.length > 0) {
        const spoken = fresh.filter((segment) => speaks(space.languages, segment.language))
        const known = yield* vectors.find(claim.tenantId, space.id, spoken.map((segment) => segment.textHash))
        // Deleting another document with the same text may have taken a vector away: it is made again first.
        if (spoken.some((segment) => !known.has(segment.textHash))) {
          const unitId = spec.embedUnit
          return Effect.succeed([
            { id: JobId.make(unitId), lane: claim.lane, job: { ...job, _tag: "EmbedSegments", unitId } }
          ])
        }
        const entries = fresh.map((segment) => entryOf(run, segment, known.get(segment.textHash) ?? null))
        yield* index.ensure(space).pipe(
          Effect.andThen(index.upsert(space, claim.tenantId, entries)),
          Effect.mapError(ofIndex)
        )
      }
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        yield* segments.markIndexed(claim.tenantId, fresh.map((segment) => segment.id))
        const { stageDone } = yield* runs.completeUnit(claim.tenantId, job.runId, {
          id: job.unitId,
          stage: "index",
          elapsedMs
        })
        if (!stageDone) return []
        const unitId = yield* newId(WorkUnitId)
        yield* runs.plan(claim.tenantId, job.runId, [{ id: unitId, stage: "publish", ordinal: 0, weight: 1, spec: {} }])
        return [{ id: JobId.make(unitId), lane: claim.lane, job: { ...job, _tag: "PublishRun", unitId } }]
      })
    })
  })
})
