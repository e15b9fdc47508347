import { newId } from "@sheaf/adapters/repos/newId"
import type { NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { type RunContext, RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { type RunSegment, SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { speaks } from "@sheaf/adapters/text/language"
import { JobId, type TenantId, WorkUnitId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import type { Space } from "@sheaf/domain/spaces/Space"
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
  const spaces = yield* SpacesRepo
  const vectors = yield* VectorsRepo

  /** Writes the entries of segments in a space; `false` where they have no vectors there yet. */
  const writeTo = Effect.fnUntraced(function*(
    tenantId: TenantId,
    space: Space,
    run: RunContext,
    fresh: ReadonlyArray<RunSegment>
  ) {
    const spoken = fresh.filter((segment) => speaks(space.languages, segment.language))
    const known = yield* vectors.find(tenantId, space.id, spoken.map((segment) => segment.textHash))
    if (spoken.some((segment) => !known.has(segment.textHash))) return false
    const entries = fresh.map((segment) => entryOf(run, segment, known.get(segment.textHash) ?? null))
    yield* index.ensure(space).pipe(
      Effect.andThen(index.upsert(space, tenantId, entries)),
      Effect.mapError(ofIndex)
    )
    return true
  })

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
      const places = yield* spaces.ofDataset(claim.tenantId, job.datasetId)
      if (Option.isNone(places)) return Stage.nothing
      const { written } = places.value
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
      const embedAgain: ReadonlyArray<NewJob> = [{
        id: JobId.make(spec.embedUnit),
        lane: claim.lane,
        job: { ...job, _tag: "EmbedSegments", unitId: spec.embedUnit }
      }]
      if (fresh.length > 0) {
        for (const space of written) {
          // Deleting another document with the same text may have taken a vector away: it is made again first.
          if (!(yield* writeTo(claim.tenantId, space, run, fresh))) return Effect.succeed(embedAgain)
        }
      }
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        // The dataset has begun to move meanwhile: in the space that it moves to they are missing.
        if (fresh.length > 0 && !(yield* spaces.areAll(claim.tenantId, job.datasetId, written))) return embedAgain
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
