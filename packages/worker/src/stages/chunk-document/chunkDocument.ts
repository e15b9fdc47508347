import { BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { embedders } from "@sheaf/adapters/embedding/Embedders"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { GivenKeywordsRepo } from "@sheaf/adapters/repos/pipelines/GivenKeywordsRepo"
import { type RunContext, RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { type NewSegment, SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { type DatasetSpaces, SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { guessLanguage } from "@sheaf/adapters/text/language"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { JobId, WorkUnitId } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Option, Stream } from "effect"
import type { LimitTooSmall } from "@sheaf/adapters/chunking/Chunker"
import { chunk } from "@sheaf/adapters/chunking/chunkers"
import { inFamilies } from "./inFamilies.ts"
import { makeRowFields } from "./rowFields.ts"
import { makeWarnings } from "./warnings.ts"
import { identities } from "@sheaf/adapters/text/segmentIdentity"
import { makeHttpCalls } from "../../steps/http/HttpCalls.ts"
import * as Stage from "../../pipeline/Stage.ts"
import { readElements } from "@sheaf/adapters/blobs/elements"
import { ofBlobs, ofEmbedder, otherSpace } from "../failures.ts"
import { ownerOf } from "../owner.ts"
import { inPageOrder } from "@sheaf/adapters/repos/runs/unitSpec"
import { enriching } from "./enriching.ts"
import { type EmbedSpec, type IndexSpec, slicesOf } from "../units.ts"

/** Segments written in one transaction. */
const page = 200

/** Segments that are cut and not written, and how many came before them. */
interface Unwritten {
  readonly before: number
  readonly page: ReadonlyArray<NewSegment>
}

/**
 * Cuts the elements of all units into segments, written page by page, and plans their embedding and indexing. The last page is
 * written with the settlement: most documents have but one.
 */
export const chunkDocument = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo
  const { find, own } = yield* embedders
  const http = yield* makeHttpCalls
  const keywords = yield* GivenKeywordsRepo
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo
  const spaces = yield* SpacesRepo

  const cut = Effect.fnUntraced(function*(
    work: Stage.Work<"ChunkDocument">,
    run: RunContext,
    { current, identity }: DatasetSpaces
  ) {
    const { claim, job } = work
    const { chunking } = run.config
    const embedder = find(current.id)
    if (Option.isNone(embedder)) return yield* otherSpace(current)
    const isCleaned = (run.config.pipeline?.clean.length ?? 0) > 0
    const made = isCleaned
      ? yield* runs.units(claim.tenantId, job.runId, "clean")
      : inPageOrder(yield* runs.units(claim.tenantId, job.runId, "parse"))
    const artefacts = made.flatMap((unit) => unit.artefact === null ? [] : [unit.artefact])
    const elements = readElements(blobs, ownerOf(work), artefacts).pipe(Stream.mapError(ofBlobs))
    const countTokens = (texts: ReadonlyArray<string>) => Effect.mapError(embedder.value.countTokens(texts), ofEmbedder)
    const identified = inFamilies(identities({ documentId: job.documentId, spaceId: identity }))
    const owner = { datasetId: job.datasetId, documentId: job.documentId, runId: job.runId, spaceId: identity }

    /** Within a fenced transaction. The document's lock keeps a purge from taking away a segment that this run is about to share. */
    const write = Effect.fnUntraced(function*({ before, page }: Unwritten) {
      // What an attempt that was cut short has left goes first.
      if (before === 0) yield* segments.clear(claim.tenantId, job.runId)
      yield* documents.lock(claim.tenantId, job.documentId)
      yield* segments.add(claim.tenantId, owner, page)
      yield* keywords.give(claim.tenantId, page)
    })
    const append = Effect.fnUntraced(function*(last: Unwritten, next: ReadonlyArray<NewSegment>) {
      const before = last.before + last.page.length
      const total = before + next.length
      if (total > limits.maxSegments) {
        const cause: FailureCause = { _tag: "TooLarge", what: "segments", limit: limits.maxSegments, actual: total }
        return yield* new Stage.BadJob({ cause })
      }
      if (before > 0) yield* work.write(write(last))
      return { before, page: next }
    })

    const fields = makeRowFields(chunking)
    const warnings = makeWarnings()
    const drafts = chunk(elements, chunking, { maxTokens: current.maxTokens }, countTokens, warnings.add).pipe(
      Stream.catchTag("LimitTooSmall", (error) => Stream.fail(new Stage.BadJob({ cause: tooSmall(error) }))),
      enriching({ owner: ownerOf(work), run, http, limit: current.maxTokens }, countTokens)
    )
    const last = yield* drafts.pipe(
      Stream.tap((draft) => Effect.sync(() => fields.add(draft.fields))),
      Stream.zipWithIndex,
      Stream.map(([draft, ordinal]): NewSegment => ({
        ...identified(draft),
        ordinal,
        language: guessLanguage(draft.text)
      })),
      Stream.grouped(page),
      // The next page is cut while one is written.
      Stream.buffer({ capacity: 1 }),
      Stream.runFoldEffect((): Unwritten => ({ before: 0, page: [] }), append)
    )
    return {
      total: last.before + last.page.length,
      fields: fields.all(),
      writeLast: write(last),
      warnings: warnings.all()
    }
  })

  const planRest = Effect.fnUntraced(function*(work: Stage.Work<"ChunkDocument">, total: number) {
    const { claim, job } = work
    const units = yield* Effect.forEach(
      slicesOf(total),
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
    return units.filter((unit) => planned.has(unit.embedUnit)).map(({ embedUnit }): NewJob => ({
      id: JobId.make(embedUnit),
      lane: claim.lane,
      job: { ...job, _tag: "EmbedSegments", unitId: embedUnit }
    }))
  })

  return Stage.make({
    handles: "ChunkDocument",
    concurrency: 1,
    timeout: "10 minutes",
    // Limits are counted in the embedder's own tokens.
    awaits: own.ready,
    run: Effect.fn("chunkDocument")(function*(work) {
      const { claim, job } = work
      const run = yield* runs.context(claim.tenantId, job.runId)
      if (Option.isNone(run) || isFinal(run.value.state)) return Stage.nothing
      const places = yield* spaces.ofDataset(claim.tenantId, job.datasetId)
      if (Option.isNone(places)) return Stage.nothing
      const { fields, total, warnings, writeLast } = yield* cut(work, run.value, places.value)
      if (total === 0) return yield* new Stage.BadJob({ cause: nothingIn(run.value) })
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        yield* writeLast
        if (Object.keys(fields).length > 0) yield* runs.setFields(claim.tenantId, job.runId, fields)
        const next = yield* planRest(work, total)
        yield* runs.completeUnit(claim.tenantId, job.runId, { id: job.unitId, stage: "chunk", elapsedMs, warnings })
        return next
      })
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
const nothingIn = ({ mediaType, pages }: RunContext): FailureCause => {
  if (pages === 0) return { _tag: "Empty" }
  return { _tag: "NoText", pages, ...(isPresentation(mediaType ?? "") && { slides: true }) }
}

const isPresentation = (mediaType: string): boolean => /presentationml|ms-powerpoint/.test(mediaType)
