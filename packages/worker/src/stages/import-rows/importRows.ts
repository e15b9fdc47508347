import { BlobStore, documentPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { importOwner } from "@sheaf/adapters/blobs/importFile"
import { importEnded } from "@sheaf/adapters/lifecycle/importEnded"
import { importProgressed } from "@sheaf/adapters/lifecycle/importProgressed"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { ImportWorkRepo, type Work as Import } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { isImportOver } from "@sheaf/domain/imports/Import"
import type { ImportFailure } from "@sheaf/domain/imports/ImportFailure"
import { importLimits } from "@sheaf/domain/imports/importLimits"
import { Duration, Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { ofBlobs } from "../failures.ts"
import { annotations } from "./annotations.ts"
import { fileReading } from "./readFile.ts"
import { segments } from "./segments.ts"

/** After this long other imports have their turn with this hand. */
const turnMs = 5_000

/** A waiting import looks so often whether another is over. */
const look = Duration.seconds(1)

/** An import that kills so many workers without a row between them, or fails so often by a bug of ours, is given up. */
const maxLosses = 10
const maxFailures = 4

/**
 * Carries out an import: reads its file into rows, then gives them their turn in batches, each in the transaction that holds their results.
 * So a crash repeats no row, and leaves none out.
 */
export const importRows = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const imports = yield* ImportWorkRepo
  const jobs = yield* JobsRepo
  const tell = yield* importEnded
  const tellProgress = yield* importProgressed
  const read = yield* fileReading
  const appliers = { annotations: yield* annotations, segments: yield* segments }

  const removeFile = ({ claim: { tenantId }, job: { importId } }: Stage.Work<"ImportRows">) =>
    blobs.removePrefix(documentPrefix(importOwner(tenantId, importId))).pipe(Effect.mapError(ofBlobs))

  /** Nothing, or nothing more, becomes of it. */
  const end = Effect.fnUntraced(
    function*(work: Stage.Work<"ImportRows">, { owner }: Import, failure: ImportFailure | null) {
      const { claim: { tenantId }, job: { importId } } = work
      yield* removeFile(work)
      return Effect.gen(function*() {
        const ended = yield* imports.end(tenantId, importId, failure)
        if (Option.isSome(ended)) yield* tell(tenantId, ended.value, owner)
      })
    }
  )

  /** Carries out the next rows. Answers whether there may be more. */
  const applySome = Effect.fnUntraced(
    function*({ claim, job: { importId }, write }: Stage.Work<"ImportRows">, work: Import) {
      const { tenantId } = claim
      const { batch, prepare } = appliers[work.kind]
      const rows = yield* imports.pending(tenantId, importId, batch)
      if (rows.length === 0) return false
      const apply = yield* prepare(work, rows)
      return yield* write(Effect.gen(function*() {
        if (!(yield* imports.hold(tenantId, importId))) return false
        const results = yield* apply
        yield* tellProgress(tenantId, yield* imports.settle(tenantId, importId, results), results.length, work.owner)
        yield* jobs.gotFurther(claim)
        return true
      }))
    }
  )

  const applyAll = Effect.fnUntraced(function*(work: Stage.Work<"ImportRows">, imported: Import) {
    while (yield* applySome(work, imported)) {
      if ((yield* work.elapsed) > turnMs) {
        return yield* new Stage.TryAgain({
          reason: "other rows wait for their turn",
          patient: true,
          delay: Duration.zero
        })
      }
    }
    return yield* end(work, imported, null)
  })

  const carryOut = Effect.fnUntraced(function*(work: Stage.Work<"ImportRows">, imported: Import) {
    const { claim: { tenantId }, job: { importId }, write } = work
    if (imported.state === "waiting" && !(yield* write(imports.begin(tenantId, importId, importLimits.atWork)))) {
      return yield* new Stage.TryAgain({ reason: "other imports are at work", patient: true, delay: look })
    }
    if (imported.state !== "applying") yield* read(work, imported)
    return yield* applyAll(work, imported)
  })

  return Stage.make({
    handles: "ImportRows",
    concurrency: 2,
    timeout: "10 minutes",
    run: Effect.fn("importRows")(function*(work) {
      const { attempts, id, losses, tenantId } = work.claim
      const found = yield* imports.find(tenantId, work.job.importId)
      // Without a row, or cancelled: what may be left of it is its file.
      if (Option.isNone(found) || isImportOver(found.value.state)) {
        yield* removeFile(work)
        return Stage.nothing
      }
      const imported = found.value
      if (attempts >= maxFailures || losses >= maxLosses) {
        return yield* end(work, imported, { _tag: "Internal", reference: id })
      }
      return yield* carryOut(work, imported).pipe(
        Effect.catchTags({
          Unfit: ({ failure }) => end(work, imported, failure),
          Closed: ({ detail }) => end(work, imported, { _tag: "Refused", detail }),
          Ended: () => Effect.as(removeFile(work), Stage.nothing)
        })
      )
    })
  })
})
