import { BlobStore, documentPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { PurgeRepo } from "@sheaf/adapters/repos/documents/PurgeRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { JobId } from "@sheaf/domain/ids"
import { Duration, Effect, Number, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { countBlobs } from "../countBlobs.ts"
import { ofBlobs, ofIndex } from "../failures.ts"
import { ownerOf } from "../owner.ts"

/** A worker that lost its lease can have written to index or blobs for as long as a unit takes; then it is over. */
const lateWrites = Duration.minutes(11)

/**
 * Ends a deletion: index entries, rows, vectors and blobs go, and the document's row only after each of them was counted as zero.
 * Writes to index and blobs cannot be fenced, so the same is done once more when no worker can be at it any longer; until then such
 * an orphan is invisible, because readers go by the rows.
 */
export const purgeDocument = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const events = yield* EventsRepo
  const index = yield* SearchIndex
  const purge = yield* PurgeRepo

  /** Before any of it goes: whoever goes on after a crash finds less. */
  const sayWhatGoes = Effect.fnUntraced(function*(work: Stage.Work<"PurgeDocument">) {
    const { claim: { tenantId }, job: { documentId } } = work
    const spaces = yield* purge.spaces(tenantId)
    const scope = { _tag: "Document", documentId } as const
    const entries = yield* Effect.forEach(spaces, (space) => index.count(space, tenantId, scope)).pipe(
      Effect.mapError(ofIndex)
    )
    const files = yield* countBlobs(blobs, documentPrefix(ownerOf(work))).pipe(Effect.mapError(ofBlobs))
    yield* work.write(purge.say(tenantId, documentId, { indexEntries: Number.sumAll(entries), blobs: files }))
  })

  const clearIndex = Effect.fnUntraced(function*({ claim, job }: Stage.Work<"PurgeDocument">) {
    const scope = { _tag: "Document", documentId: job.documentId } as const
    let removed = 0
    for (const space of yield* purge.spaces(claim.tenantId)) {
      removed += yield* index.remove(space, claim.tenantId, scope).pipe(Effect.mapError(ofIndex))
      const left = yield* index.count(space, claim.tenantId, scope).pipe(Effect.mapError(ofIndex))
      if (left > 0) return yield* new Stage.TryAgain({ reason: `${left} index entries are left`, patient: true })
    }
    return removed
  })

  const clearBlobs = (work: Stage.Work<"PurgeDocument">) =>
    blobs.removePrefix(documentPrefix(ownerOf(work))).pipe(Effect.mapError(ofBlobs))

  const clearRows = ({ claim, job, write }: Stage.Work<"PurgeDocument">) =>
    write(purge.removePage(claim.tenantId, job.documentId)).pipe(
      Effect.repeat({ while: (gone) => gone.memberships + gone.changes + gone.assets + gone.segments + gone.units > 0 })
    )

  return Stage.make({
    handles: "PurgeDocument",
    concurrency: 2,
    timeout: "10 minutes",
    run: Effect.fn("purgeDocument")(function*(work) {
      const { claim: { tenantId }, job: { datasetId, documentId } } = work
      const document = yield* work.write(documents.lock(tenantId, documentId))
      if (Option.isSome(document) && !document.value.deleting) return Stage.nothing

      if (Option.isSome(document)) yield* sayWhatGoes(work)
      yield* clearIndex(work)
      if (Option.isSome(document)) yield* clearRows(work)
      yield* clearBlobs(work)
      if (Option.isNone(document)) return Stage.nothing
      const left = (yield* purge.remaining(tenantId, documentId)) + (yield* clearBlobs(work)) +
        (yield* clearIndex(work))
      if (left > 0) return yield* new Stage.TryAgain({ reason: `${left} things were left`, patient: true })
      return Effect.gen(function*() {
        const removed = yield* purge.removeDocument(tenantId, documentId)
        // Where the dataset goes as a whole: for the event that ends that.
        yield* datasets.addRemoved(tenantId, datasetId, { documents: 1, ...removed })
        yield* events.append(tenantId, { _tag: "DocumentDeleted", datasetId, documentId, removed })
        return [{
          id: JobId.make(derivedId("purge late writes", documentId)),
          lane: "bulk" as const,
          delay: lateWrites,
          job: { _tag: "PurgeDocument" as const, version: 1 as const, datasetId, documentId }
        }]
      })
    })
  })
})
