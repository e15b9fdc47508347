import { BlobStore, documentPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { DocumentsRepo } from "@sheaf/adapters/repos/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/EventsRepo"
import { PurgeRepo } from "@sheaf/adapters/repos/PurgeRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { ofBlobs, ofIndex } from "../failures.ts"
import { ownerOf } from "../owner.ts"

/**
 * Ends a deletion: index entries, rows, vectors and blobs go, and the document's row only after each of them was counted as zero.
 * What a worker that has lost its lease writes afterwards is an orphan that no reader can see.
 */
export const purgeDocument = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo
  const embedder = yield* Embedder
  const events = yield* EventsRepo
  const index = yield* SearchIndex
  const purge = yield* PurgeRepo

  return Stage.make({
    handles: "PurgeDocument",
    concurrency: 2,
    timeout: "10 minutes",
    run: Effect.fn("purgeDocument")(function*(work) {
      const { claim, job } = work
      const { tenantId } = claim
      const { datasetId, documentId } = job
      const document = yield* work.write(documents.lock(tenantId, documentId))
      if (Option.isNone(document) || !document.value.deleting) return Effect.void
      const removed = { indexEntries: 0, memberships: 0, segments: 0, vectors: 0, units: 0, blobs: 0 }

      const scope = { _tag: "Document", documentId } as const
      for (const spaceId of yield* purge.spaces(tenantId, documentId)) {
        // Only the id matters to an index that is asked to forget.
        const space = { ...embedder.space, id: spaceId }
        removed.indexEntries += yield* index.ensure(space).pipe(
          Effect.andThen(index.remove(space, tenantId, scope)),
          Effect.mapError(ofIndex)
        )
        const left = yield* index.count(space, tenantId, scope).pipe(Effect.mapError(ofIndex))
        if (left > 0) return yield* new Stage.TryAgain({ reason: `${left} index entries are left`, patient: true })
      }

      const removePage = Effect.map(work.write(purge.removePage(tenantId, documentId)), (gone) => {
        removed.memberships += gone.memberships
        removed.segments += gone.segments
        removed.vectors += gone.vectors
        removed.units += gone.units
        return gone.memberships + gone.segments + gone.units
      })
      yield* removePage.pipe(Effect.repeat({ while: (gone) => gone > 0 }))

      const prefix = documentPrefix(ownerOf(work))
      removed.blobs = yield* blobs.removePrefix(prefix).pipe(Effect.mapError(ofBlobs))
      const rowsLeft = yield* purge.remaining(tenantId, documentId)
      const blobsLeft = yield* blobs.removePrefix(prefix).pipe(Effect.mapError(ofBlobs))
      if (rowsLeft + blobsLeft > 0) {
        return yield* new Stage.TryAgain({ reason: `${rowsLeft} rows and ${blobsLeft} blobs were left`, patient: true })
      }
      return purge.removeDocument(tenantId, documentId).pipe(
        Effect.andThen(events.append(tenantId, { _tag: "DocumentDeleted", datasetId, documentId, removed }))
      )
    })
  })
})
