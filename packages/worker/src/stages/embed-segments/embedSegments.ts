import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { SpaceControl } from "@sheaf/adapters/lifecycle/SpaceControl"
import type { LeaseLost } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { JobId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Duration, Effect, Option, Schema } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { newVectors, type SegmentRefused } from "../newVectors.ts"
import { EmbedSpec } from "../units.ts"

const decodeSpec = Schema.decodeUnknownEffect(EmbedSpec)

/**
 * Gives every segment of a unit its vector, in each space that its dataset is written to. A text that the tenant has embedded before in
 * a space costs nothing.
 */
export const embedSegments = Effect.gen(function*() {
  const control = yield* SpaceControl
  const embedder = yield* Embedder
  const make = yield* newVectors
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo
  const spaces = yield* SpacesRepo
  const vectors = yield* VectorsRepo

  /** What the space does not take that the dataset is only moving to stops the move, not the run. */
  const refused = Effect.fnUntraced(function*(
    { claim: { tenantId }, job: { datasetId, documentId }, write }: Stage.Work<"EmbedSegments">,
    { detail, segmentId, space }: SegmentRefused
  ) {
    yield* write(
      control.fail(tenantId, datasetId, space.id, { _tag: "SegmentRefused", documentId, segmentId, detail })
    )
    return yield* new Stage.TryAgain({
      reason: "the move to another space has failed",
      patient: true,
      delay: Duration.zero
    })
  })

  return Stage.make({
    handles: "EmbedSegments",
    concurrency: Math.max(2, embedder.parallel),
    timeout: "10 minutes",
    awaits: embedder.ready,
    run: Effect.fn("embedSegments")(function*(work) {
      const { claim, job } = work
      const found = yield* runs.work(claim.tenantId, job.unitId)
      if (Option.isNone(found) || isFinal(found.value.run.state)) return Stage.nothing
      const spec = yield* Effect.orDie(decodeSpec(found.value.unit.spec))
      const places = yield* spaces.ofDataset(claim.tenantId, job.datasetId)
      if (Option.isNone(places)) return Stage.nothing
      const { current, written } = places.value
      const slice = (yield* segments.slice(claim.tenantId, job.runId, spec.from, spec.to))
        // Replaced by hand: the version will be without it.
        .filter((segment) => segment.searched && !segment.replaced)
      const made = yield* Effect.forEach(
        written,
        (space) => Effect.map(make(claim.tenantId, space, slice), (found) => ({ space, found }))
      ).pipe(
        Effect.catchTag(
          "SegmentRefused",
          (refusal): Effect.Effect<never, Stage.BadJob | Stage.TryAgain | LeaseLost> => {
            if (refusal.space.id !== current.id) return refused(work, refusal)
            const ordinal = slice.find(({ id }) => id === refusal.segmentId)?.ordinal ?? "?"
            const detail = `segment ${ordinal}: ${refusal.detail}`
            return Effect.fail(new Stage.BadJob({ cause: { _tag: "EmbedderRejected", detail } }))
          }
        )
      )
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        yield* Effect.forEach(made, ({ found, space }) => vectors.save(claim.tenantId, space.id, found), {
          discard: true
        })
        yield* runs.completeUnit(claim.tenantId, job.runId, { id: job.unitId, stage: "embed", elapsedMs })
        return [
          {
            id: JobId.make(spec.indexUnit),
            lane: claim.lane,
            job: { ...job, _tag: "IndexSegments", unitId: spec.indexUnit }
          }
        ]
      })
    })
  })
})
