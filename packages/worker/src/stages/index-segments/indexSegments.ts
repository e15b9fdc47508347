import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import type { NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { type RunContext, RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { type RunSegment, SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { OwedEntriesRepo } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { type IndexEntry, SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { speaks } from "@sheaf/adapters/text/language"
import { JobId, type TenantId, WorkUnitId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Duration, Effect, Option, Schema } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { entryOf } from "../entryOf.ts"
import { ofIndex } from "../failures.ts"
import { IndexSpec } from "../units.ts"

/** Texts analyzed without a pause, a tenth of a millisecond each. */
const perTurn = 12

const decodeSpec = Schema.decodeUnknownEffect(IndexSpec)

/** Puts the segments of a unit into the search index. They stay invisible to readers until their run is published. */
export const indexSegments = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const owed = yield* OwedEntriesRepo
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo
  const spaces = yield* SpacesRepo
  const sync = yield* IndexSync
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
    const entries: Array<IndexEntry> = []
    for (const segment of fresh) {
      // A transaction of somebody else may be waiting for this thread, and everybody for that transaction.
      if (entries.length % perTurn === perTurn - 1) yield* Effect.yieldNow
      entries.push(entryOf(run, segment, known.get(segment.textHash) ?? null))
    }
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
      const kept = slice.filter((segment) => segment.searched && !segment.replaced)
      const fresh = kept.filter((segment) => run.effective && segment.enabled && segment.indexState !== "in_sync")
      // An attempt before this one may have written them when they were not hidden yet.
      const hidden = kept.filter((segment) => !run.effective || !segment.enabled).map(({ id }) => id)
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
        // The document before its dataset, as everywhere.
        yield* documents.lock(claim.tenantId, job.documentId)
        // The dataset has begun to move meanwhile: in the space that it moves to they are missing.
        if (fresh.length > 0 && !(yield* spaces.areAll(claim.tenantId, job.datasetId, written))) return embedAgain
        if (fresh.length > 0) {
          const at = { generation: run.generation, written: fresh }
          const isSame = yield* owed.settleAt(claim.tenantId, job.documentId, at)
          // A segment was hidden meanwhile, or the document got another name: what was written is not what it should be.
          if (!isSame) return [{ id: yield* newId(JobId), lane: claim.lane, job }]
        }
        if (hidden.length > 0) {
          yield* owed.owe(claim.tenantId, hidden)
          yield* sync.owe(claim.tenantId, job)
        }
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
