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
import { type DatasetId, type DocumentId, JobId, type TenantId } from "@sheaf/domain/ids"
import { Duration, Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
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

  /** Uploads that never became a document, and whatever a late writer put into the index. */
  const removeLeftovers = Effect.fnUntraced(function*(tenantId: TenantId, datasetId: DatasetId) {
    const removed = { blobs: 0, indexEntries: 0 }
    removed.blobs += yield* blobs.removePrefix(datasetPrefix(tenantId, datasetId)).pipe(Effect.mapError(ofBlobs))
    const scope = { _tag: "Dataset", datasetId } as const
    for (const space of yield* purges.spaces(tenantId)) {
      removed.indexEntries += yield* index.remove(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
      const entries = yield* index.count(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
      if (entries > 0) return yield* new Stage.TryAgain({ reason: `${entries} index entries are left`, patient: true })
    }
    return removed
  })

  return Stage.make({
    handles: "PurgeDataset",
    concurrency: 1,
    timeout: "1 minute",
    run: Effect.fn("purgeDataset")(function*({ claim, job, write }) {
      const { tenantId } = claim
      const { datasetId } = job
      const left = yield* datasets.documentsToPurge(tenantId, datasetId, page)
      if (left.length === 0) {
        const leftovers = yield* removeLeftovers(tenantId, datasetId)
        return Effect.gen(function*() {
          yield* datasets.addRemoved(tenantId, datasetId, leftovers)
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
