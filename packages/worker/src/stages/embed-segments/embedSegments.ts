import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { type RunSegment, SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { speaks } from "@sheaf/adapters/text/language"
import { JobId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Option, Schema } from "effect"
import { embeddedText } from "@sheaf/adapters/text/embeddedText"
import * as Stage from "../../pipeline/Stage.ts"
import { ofEmbedder, otherSpace } from "../failures.ts"
import { EmbedSpec } from "../units.ts"

const decodeSpec = Schema.decodeUnknownEffect(EmbedSpec)

/** Gives every segment of a unit its vector. A text that the tenant has embedded before in this space costs nothing. */
export const embedSegments = Effect.gen(function*() {
  const embedder = yield* Embedder
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo
  const vectors = yield* VectorsRepo

  const embed = (texts: ReadonlyArray<RunSegment>) =>
    embedder.embedDocuments(texts.map(embeddedText)).pipe(
      Effect.mapError((error) =>
        error._tag === "EmbedderUnavailable"
          ? ofEmbedder(error)
          : new Stage.BadJob({
            cause: {
              _tag: "EmbedderRejected",
              detail: `segment ${texts[error.index]?.ordinal ?? "?"}: ${error.detail}`
            }
          })
      )
    )

  return Stage.make({
    handles: "EmbedSegments",
    concurrency: Math.max(2, embedder.parallel),
    timeout: "10 minutes",
    awaits: embedder.ready,
    run: Effect.fn("embedSegments")(function*(work) {
      const { claim, job } = work
      const found = yield* runs.work(claim.tenantId, job.unitId)
      if (Option.isNone(found) || isFinal(found.value.run.state)) return Stage.nothing
      const { run, unit } = found.value
      const spec = yield* Effect.orDie(decodeSpec(unit.spec))
      const { space } = run.config
      // Vectors of another model must not be mixed in.
      if (space.id !== embedder.space.id) return yield* otherSpace(space)
      const slice = (yield* segments.slice(claim.tenantId, job.runId, spec.from, spec.to))
        // By hand, so that the version will be without it.
        .filter((segment) => !segment.replaced)
      // A model makes nothing of a language that it does not speak: such a segment is found by its words alone.
      const spoken = slice.filter((segment) => speaks(space.languages, segment.language))
      const known = yield* vectors.find(claim.tenantId, space.id, spoken.map((segment) => segment.textHash))
      const missing = [...new Map(spoken.map((segment) => [segment.textHash, segment])).values()]
        .filter((segment) => !known.has(segment.textHash))
      const made = missing.length === 0 ? [] : yield* embed(missing)
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        yield* vectors.save(
          claim.tenantId,
          space.id,
          new Map(missing.map((segment, index) => [segment.textHash, made[index]!]))
        )
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
