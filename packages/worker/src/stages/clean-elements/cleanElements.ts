import { BlobStore, elementsKey } from "@sheaf/adapters/blobs/BlobStore"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Option, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import * as Stage from "../../pipeline/Stage.ts"
import { makeHttpCalls } from "../../steps/http/HttpCalls.ts"
import { cleanWith } from "../../steps/steps.ts"
import { elementLine, encodeLines, readElements } from "@sheaf/adapters/blobs/elements"
import { ofBlobs } from "../failures.ts"
import { ownerOf } from "../owner.ts"
import { commonOf } from "./commonOf.ts"
import { CleanSpec, planCutting } from "./plan.ts"

const decodeSpec = Schema.decodeUnknownEffect(CleanSpec)

/** Grows when the steps make other elements of the same: older artefacts are then not used again. */
const stepsVersion = 1

/**
 * Takes the elements of a page range through the steps that a pipeline has between parsing and cutting. What becomes of them is kept as a
 * blob named by what it was made from, so a retry asks no service twice.
 */
export const cleanElements = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const http = yield* makeHttpCalls
  const runs = yield* RunsRepo
  const cutting = planCutting(runs)

  return Stage.make({
    handles: "CleanElements",
    concurrency: 4,
    timeout: "10 minutes",
    run: Effect.fn("cleanElements")(function*(work) {
      const { claim, job } = work
      const found = yield* runs.work(claim.tenantId, job.unitId)
      if (Option.isNone(found) || isFinal(found.value.run.state)) return Stage.nothing
      const { run, unit } = found.value
      const { source } = yield* Effect.orDie(decodeSpec(unit.spec))
      const owner = ownerOf(work)
      const steps = run.config.pipeline?.clean ?? []
      const common = commonOf(owner, run, http)
      // Services are told whose steps these are and of which document; what other steps make of it depends on neither.
      const told = steps.some(({ step }) => step === "http") ? [common.pipeline, common.document] : []
      const named = JSON.stringify(["clean", stepsVersion, source, steps, ...told])
      const artefact = createHash("sha256").update(named).digest("hex").slice(0, 32)
      const blob = elementsKey(owner, artefact)
      if (Option.isNone(yield* blobs.size(blob).pipe(Effect.mapError(ofBlobs)))) {
        const elements = readElements(blobs, owner, [source]).pipe(Stream.mapError(ofBlobs))
        const lines = Stream.map(cleanWith(steps, common)(elements), elementLine)
        yield* blobs.put(blob, encodeLines(lines)).pipe(
          Effect.catchTag("BlobExists", () => Effect.void),
          Effect.mapError((error) => error._tag === "BlobStoreError" ? ofBlobs(error) : error)
        )
      }
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        const done = { id: job.unitId, stage: "clean", artefact, elapsedMs } as const
        const { stageDone } = yield* runs.completeUnit(claim.tenantId, job.runId, done)
        return stageDone ? yield* cutting(work) : []
      })
    })
  })
})
