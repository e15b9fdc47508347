import { BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { DocumentsRepo } from "@sheaf/adapters/repos/DocumentsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { type RunContext, RunsRepo } from "@sheaf/adapters/repos/RunsRepo"
import { type NewSegment, SegmentsRepo } from "@sheaf/adapters/repos/SegmentsRepo"
import { guessLanguage } from "@sheaf/adapters/text/language"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { JobId, WorkUnitId } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Option, Stream } from "effect"
import type { LimitTooSmall } from "../../chunking/Chunker.ts"
import { chunk } from "../../chunking/chunkers.ts"
import { identities } from "../../chunking/segmentIdentity.ts"
import * as Stage from "../../pipeline/Stage.ts"
import { readElements } from "../elements.ts"
import { ofBlobs, ofEmbedder } from "../failures.ts"
import { ownerOf } from "../owner.ts"
import { type EmbedSpec, type IndexSpec, segmentsPerUnit } from "../units.ts"

/** Segments written in one transaction. */
const page = 200

/** Cuts the elements of all units into segments, written page by page, and plans their embedding and indexing. */
export const chunkDocument = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo
  const embedder = yield* Embedder
  const jobs = yield* JobsRepo
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo

  const cut = Effect.fnUntraced(function*(work: Stage.Work<"ChunkDocument">, run: RunContext) {
    const { claim, job } = work
    const { chunking, space } = run.config
    const parsed = yield* runs.units(claim.tenantId, job.runId, "parse")
    const artefacts = parsed.flatMap((unit) => unit.artefact === null ? [] : [unit.artefact])
    const elements = readElements(blobs, ownerOf(work), artefacts).pipe(Stream.mapError(ofBlobs))
    const countTokens = (texts: ReadonlyArray<string>) => Effect.mapError(embedder.countTokens(texts), ofEmbedder)
    const identify = identities({ documentId: job.documentId, spaceId: space.id })
    const owner = { datasetId: job.datasetId, documentId: job.documentId, runId: job.runId, spaceId: space.id }

    const append = Effect.fnUntraced(function*(written: number, batch: ReadonlyArray<NewSegment>) {
      const total = written + batch.length
      if (total > limits.maxSegments) {
        const cause: FailureCause = { _tag: "TooLarge", what: "segments", limit: limits.maxSegments, actual: total }
        return yield* new Stage.BadJob({ cause })
      }
      // The document's lock keeps a purge from taking away a segment that this run is about to share.
      yield* work.write(
        Effect.andThen(documents.lock(claim.tenantId, job.documentId), segments.add(claim.tenantId, owner, batch))
      )
      return total
    })

    yield* work.write(segments.clear(claim.tenantId, job.runId))
    const drafts = chunk(elements, chunking, { maxTokens: space.maxTokens }, countTokens).pipe(
      Stream.catchTag("LimitTooSmall", (error) => Stream.fail(new Stage.BadJob({ cause: tooSmall(error) })))
    )
    return yield* drafts.pipe(
      Stream.zipWithIndex,
      Stream.map(([draft, ordinal]): NewSegment => ({
        ...draft,
        ...identify(draft),
        ordinal,
        language: guessLanguage(draft.text)
      })),
      Stream.grouped(page),
      Stream.runFoldEffect(() => 0, append)
    )
  })

  const planRest = Effect.fnUntraced(function*(work: Stage.Work<"ChunkDocument">, total: number) {
    const { claim, job } = work
    const units = yield* Effect.forEach(
      slices(total),
      (slice, ordinal) =>
        Effect.all({ embedUnit: newId(WorkUnitId), indexUnit: newId(WorkUnitId) }).pipe(
          Effect.map((ids) => ({ ...ids, ordinal, slice, weight: slice.to - slice.from }))
        )
    )
    const planned = new Set(
      yield* runs.plan(
        claim.tenantId,
        job.runId,
        units.flatMap(({ embedUnit, indexUnit, ordinal, slice, weight }) => [
          {
            id: embedUnit,
            stage: "embed",
            ordinal,
            weight,
            spec: { ...slice, indexUnit } satisfies typeof EmbedSpec.Type
          },
          {
            id: indexUnit,
            stage: "index",
            ordinal,
            weight,
            spec: { ...slice, embedUnit } satisfies typeof IndexSpec.Type
          }
        ])
      )
    )
    yield* jobs.enqueue(
      claim.tenantId,
      units.filter((unit) => planned.has(unit.embedUnit)).map(({ embedUnit }) => ({
        id: JobId.make(embedUnit),
        lane: claim.lane,
        job: { ...job, _tag: "EmbedSegments", unitId: embedUnit }
      }))
    )
  })

  return Stage.make({
    handles: "ChunkDocument",
    concurrency: 1,
    timeout: "10 minutes",
    // Limits are counted in the embedder's own tokens.
    awaits: embedder.ready,
    run: Effect.fn("chunkDocument")(function*(work) {
      const { claim, job } = work
      const run = yield* runs.context(claim.tenantId, job.runId)
      if (Option.isNone(run) || isFinal(run.value.state)) return Effect.void
      const total = yield* cut(work, run.value)
      if (total === 0) return yield* new Stage.BadJob({ cause: nothingIn(run.value) })
      const elapsedMs = yield* work.elapsed
      return planRest(work, total).pipe(
        Effect.andThen(runs.completeUnit(claim.tenantId, job.runId, { id: job.unitId, stage: "chunk", elapsedMs }))
      )
    })
  })
})

const tooSmall = ({ limit, tokens }: LimitTooSmall): FailureCause => ({
  _tag: "TooLarge",
  what: "tokens in one character",
  limit,
  actual: tokens
})

/** A document with nothing in it has a name for that, and is not done. */
const nothingIn = (run: RunContext): FailureCause =>
  run.pages > 0 ? { _tag: "NoText", pages: run.pages } : { _tag: "Empty" }

const slices = (total: number) =>
  Array.from({ length: Math.ceil(total / segmentsPerUnit) }, (_, index) => ({
    from: index * segmentsPerUnit,
    to: Math.min(total, (index + 1) * segmentsPerUnit)
  }))
