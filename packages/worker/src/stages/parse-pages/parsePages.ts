import { type BlobOwner, BlobStore, elementsKey, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { DocumentsRepo } from "@sheaf/adapters/repos/DocumentsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { type RunContext, RunsRepo } from "@sheaf/adapters/repos/RunsRepo"
import { JobId, WorkUnitId } from "@sheaf/domain/ids"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Option, Schema } from "effect"
import type { PageRange } from "../../parsing/Parser.ts"
import { type JailInput, ParserJail } from "../../parsing/jail/ParserJail.ts"
import * as Stage from "../../pipeline/Stage.ts"
import { encodeElements } from "../elements.ts"
import { ofBlobs, ofContent } from "../failures.ts"
import { ownerOf } from "../owner.ts"
import { artefactOf, rangesOf } from "./artefact.ts"
import { hintName } from "./hintName.ts"

/** `range` is absent until somebody has looked at the document. */
const Spec = Schema.Struct({
  range: Schema.optionalKey(Schema.NullOr(Schema.Struct({ first: Schema.Int, last: Schema.Int })))
})
const decodeSpec = Schema.decodeUnknownEffect(Spec)

/**
 * Parses a range of pages into elements, kept as a blob named by what they were made from. The first unit also finds out what the
 * document is and plans the units for the other ranges.
 */
export const parsePages = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo
  const jail = yield* ParserJail
  const jobs = yield* JobsRepo
  const runs = yield* RunsRepo

  const plan = Effect.fnUntraced(function*(work: Stage.Work<"ParsePages">, run: RunContext, input: JailInput) {
    const { claim, job } = work
    const { mediaType, pages } = yield* jail.inspect(input).pipe(Effect.mapError((error) => ofContent(error.cause)))
    const [first, ...others] = rangesOf(pages)
    const units = yield* Effect.forEach(others, (range, index) =>
      Effect.map(newId(WorkUnitId), (id) => ({
        id,
        stage: "parse" as const,
        ordinal: index + 1,
        weight: weightOf(range ?? null),
        spec: { range }
      })))
    yield* work.write(Effect.gen(function*() {
      yield* documents.setMediaType(claim.tenantId, job.documentId, mediaType)
      yield* runs.setPages(claim.tenantId, job.runId, pages)
      const planned = yield* runs.plan(claim.tenantId, job.runId, units)
      yield* runs.settleUnit(claim.tenantId, job.unitId, {
        weight: weightOf(first ?? null),
        spec: { range: first ?? null }
      })
      yield* jobs.enqueue(
        claim.tenantId,
        planned.map((unitId) => ({ id: JobId.make(unitId), lane: run.config.lane, job: { ...job, unitId } }))
      )
    }))
    return first ?? null
  })

  const parse = Effect.fnUntraced(function*(owner: BlobOwner, key: string, input: JailInput, range: PageRange | null) {
    const warnings: Array<string> = []
    const blob = elementsKey(owner, key)
    const existing = yield* blobs.size(blob).pipe(Effect.mapError(ofBlobs))
    if (Option.isSome(existing)) return warnings
    const elements = jail.parse(input, range, (warning) => Effect.sync(() => warnings.push(JSON.stringify(warning))))
    yield* blobs.put(blob, encodeElements(elements)).pipe(
      Effect.catchTag("BlobExists", () => Effect.void),
      Effect.mapError((error) => error._tag === "ParseRejected" ? ofContent(error.cause) : ofBlobs(error))
    )
    return warnings
  })

  return Stage.make({
    handles: "ParsePages",
    concurrency: 2,
    timeout: "10 minutes",
    run: Effect.fn("parsePages")(function*(work) {
      const { claim, job } = work
      const owner = ownerOf(work)
      const run = yield* runs.context(claim.tenantId, job.runId)
      const unit = yield* runs.unit(claim.tenantId, job.unitId)
      if (Option.isNone(run) || Option.isNone(unit) || isFinal(run.value.state)) return Effect.void
      const path = yield* blobs.localFile(rawKey(owner)).pipe(Effect.mapError(ofBlobs))
      const spec = yield* Effect.orDie(decodeSpec(unit.value.spec))
      const hint = hintName(run.value)
      const input: JailInput = { path, name: hint }
      const range = spec.range === undefined ? yield* plan(work, run.value, input) : spec.range
      const artefact = artefactOf({ contentHash: run.value.contentHash, hint }, range)
      const warnings = yield* parse(owner, artefact, input, range)
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        const { stageDone } = yield* runs.completeUnit(claim.tenantId, job.runId, {
          id: job.unitId,
          stage: "parse",
          artefact,
          warnings,
          elapsedMs
        })
        if (!stageDone) return
        const unitId = yield* newId(WorkUnitId)
        yield* runs.plan(claim.tenantId, job.runId, [{ id: unitId, stage: "chunk", ordinal: 0, weight: 1, spec: {} }])
        yield* jobs.enqueue(claim.tenantId, [
          { id: JobId.make(unitId), lane: claim.lane, job: { ...job, _tag: "ChunkDocument", unitId } }
        ])
      })
    }, Effect.scoped)
  })
})

const weightOf = (range: PageRange | null): number => range === null ? 1 : range.last - range.first + 1
