import { DatasetsRepo } from "@sheaf/adapters/repos/DatasetsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/EventsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/JobsRepo"
import { JobId } from "@sheaf/domain/ids"
import { Duration, Effect } from "effect"
import * as Stage from "../../pipeline/Stage.ts"

/** Documents sent on their way at a time. */
const page = 100

/** Ends the deletion of a dataset: purges its documents page by page, and its own row when none is left. */
export const purgeDataset = Effect.gen(function*() {
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const events = yield* EventsRepo
  const jobs = yield* JobsRepo

  return Stage.make({
    handles: "PurgeDataset",
    concurrency: 1,
    timeout: "1 minute",
    run: Effect.fn("purgeDataset")(function*({ claim, job, write }) {
      const { tenantId } = claim
      const { datasetId } = job
      const left = yield* datasets.documentsToPurge(tenantId, datasetId, page)
      if (left.length === 0) {
        return datasets.purge(tenantId, datasetId).pipe(
          Effect.andThen(events.append(tenantId, { _tag: "DatasetDeleted", datasetId }))
        )
      }
      yield* write(
        Effect.forEach(left, (documentId) => documents.markDeleting(tenantId, documentId), { discard: true }).pipe(
          Effect.andThen(jobs.enqueue(
            tenantId,
            left.map((documentId) => ({
              id: JobId.make(derivedId("purge", documentId)),
              lane: "bulk",
              job: { _tag: "PurgeDocument", version: 1, datasetId, documentId }
            }))
          ))
        )
      )
      return yield* new Stage.TryAgain({
        reason: "documents are being purged",
        patient: true,
        delay: Duration.millis(500)
      })
    })
  })
})
