import { BlobStore, datasetPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { PurgeRepo } from "@sheaf/adapters/repos/documents/PurgeRepo"
import { TombstonesRepo } from "@sheaf/adapters/repos/upkeep/TombstonesRepo"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { type DocumentId, JobId } from "@sheaf/domain/ids"
import { Duration, Effect, Number, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { countBlobs } from "../countBlobs.ts"
import { ofBlobs, ofIndex } from "../failures.ts"

/** Documents sent on their way at a time. */
const page = 100

/** Ends the deletion of a dataset: purges its documents page by page, and its own row when none is left. */
export const purgeDataset = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const events = yield* EventsRepo
  const index = yield* SearchIndex
  const jobs = yield* JobsRepo
  const purges = yield* PurgeRepo
  const runs = yield* RunsRepo
  const tombstones = yield* TombstonesRepo

  /** Uploads that never became a document, and whatever a late writer put into the index. Said before any of it goes. */
  const removeLeftovers = Effect.fnUntraced(function*({ claim: { tenantId }, job, write }: Stage.Work<"PurgeDataset">) {
    const { datasetId } = job
    const scope = { _tag: "Dataset", datasetId } as const
    const prefix = datasetPrefix(tenantId, datasetId)
    const spaces = yield* purges.spaces(tenantId)
    const entries = yield* Effect.forEach(spaces, (space) => index.count(space, tenantId, scope)).pipe(
      Effect.mapError(ofIndex)
    )
    const found = {
      blobs: yield* countBlobs(blobs, prefix).pipe(Effect.mapError(ofBlobs)),
      indexEntries: Number.sumAll(entries)
    }
    yield* write(datasets.addLeftovers(tenantId, datasetId, found))
    yield* blobs.removePrefix(prefix).pipe(Effect.mapError(ofBlobs))
    for (const space of spaces) {
      yield* index.remove(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
      const entries = yield* index.count(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
      if (entries > 0) return yield* new Stage.TryAgain({ reason: `${entries} index entries are left`, patient: true })
    }
  })

  return Stage.make({
    handles: "PurgeDataset",
    concurrency: 1,
    timeout: "1 minute",
    run: Effect.fn("purgeDataset")(function*(work) {
      const { claim: { tenantId }, job, write } = work
      const { datasetId } = job
      const left = yield* datasets.documentsToPurge(tenantId, datasetId, page)
      if (left.length === 0) {
        yield* removeLeftovers(work)
        return Effect.gen(function*() {
          const removed = yield* datasets.removed(tenantId, datasetId)
          if (Option.isNone(removed)) return
          // The event first: who may read it is a matter of the dataset's row.
          yield* events.append(tenantId, { _tag: "DatasetDeleted", datasetId, removed: removed.value })
          yield* datasets.purge(tenantId, datasetId)
          yield* tombstones.add(tenantId, { datasets: 1, ...removed.value })
        })
      }
      const purge = (documentId: DocumentId) =>
        write(Effect.gen(function*() {
          const stopped = yield* runs.cancelDocument(tenantId, documentId)
          yield* Effect.forEach(stopped, (runId) => jobs.dropRun(tenantId, runId), { discard: true })
          yield* documents.markDeleting(tenantId, documentId)
          yield* jobs.enqueue(tenantId, [{
            id: JobId.make(derivedId("purge", documentId)),
            lane: "bulk",
            job: { _tag: "PurgeDocument", version: 1, datasetId, documentId }
          }])
        }))
      yield* Effect.forEach(left, purge, { discard: true })
      return yield* new Stage.TryAgain({
        reason: "documents are being purged",
        patient: true,
        delay: Duration.millis(500)
      })
    })
  })
})
