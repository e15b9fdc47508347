import { BlobStore, datasetPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { PurgeRepo } from "@sheaf/adapters/repos/documents/PurgeRepo"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { type DatasetId, type DocumentId, JobId, type TenantId } from "@sheaf/domain/ids"
import { Duration, Effect } from "effect"
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

  /** Uploads that never became a document, and whatever a late writer put into the index. */
  const removeLeftovers = Effect.fnUntraced(function*(tenantId: TenantId, datasetId: DatasetId) {
    yield* blobs.removePrefix(datasetPrefix(tenantId, datasetId)).pipe(Effect.mapError(ofBlobs))
    const scope = { _tag: "Dataset", datasetId } as const
    for (const space of yield* purges.spaces(tenantId)) {
      yield* index.remove(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
      const entries = yield* index.count(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
      if (entries > 0) return yield* new Stage.TryAgain({ reason: `${entries} index entries are left`, patient: true })
    }
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
        yield* removeLeftovers(tenantId, datasetId)
        // The event first: who may read it is a matter of the dataset's row.
        return events.append(tenantId, { _tag: "DatasetDeleted", datasetId }).pipe(
          Effect.andThen(datasets.purge(tenantId, datasetId))
        )
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
