import { assetKey, BlobStore, contentKey, thumbnailKey } from "@sheaf/adapters/blobs/BlobStore"
import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { AssetsRepo } from "@sheaf/adapters/repos/documents/AssetsRepo"
import { ContentsRepo } from "@sheaf/adapters/repos/documents/ContentsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { ofBlobs, ofIndex } from "../failures.ts"
import { ownerOf } from "../owner.ts"
import { removalPage, removeMarked } from "../removeMarked.ts"

/** Assets taken away in one transaction, blobs included. Far below what the database allows a transaction to stand still. */
const assetPage = 50

/**
 * Removes what a run left behind that is superseded, failed or cancelled: its membership, and the segments that no other run holds,
 * from index and table. So that the same text, when a run needs it again, is never taken for indexed without an entry:
 *
 * 1. In a transaction of its own the segments are marked as on their way out, under the document's lock, under which runs take up
 *    segments: it is certain that none holds them.
 * 2. In a second one the index forgets all that are marked (see `removeMarked`); then those go that still nobody holds, and those that a
 *    run has taken up in between are to be indexed. If this fails, whatever the index has done, the marks are there.
 *
 * A run that has taken up a marked segment waits with indexing it (see indexSegments) until 2 has come to an end, with a removal that
 * the index has answered. This job is never given up, and finds the marks of an attempt before.
 */
export const purgeRun = Effect.gen(function*() {
  const assets = yield* AssetsRepo
  const blobs = yield* BlobStore
  const contents = yield* ContentsRepo
  const documents = yield* DocumentsRepo
  const remove = yield* removeMarked
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo
  const sync = yield* IndexSync

  /** Bytes that were replaced, once no version is made of them. Nothing can want them again: what is unused stays so. */
  const clearContents = Effect.fnUntraced(function*(work: Stage.Work<"PurgeRun">) {
    const unused = yield* contents.unused(work.claim.tenantId, work.job.documentId)
    yield* Effect.forEach(
      unused,
      (contentId) =>
        Effect.andThen(
          blobs.removePrefix(thumbnailKey(ownerOf(work), contentId)),
          blobs.removePrefix(contentKey(ownerOf(work), contentId))
        ),
      { discard: true }
    ).pipe(Effect.mapError(ofBlobs))
  })

  /**
   * Pictures and files that only superseded runs have. Under the lock under which runs record theirs, blob and row together: if the row
   * comes back because the transaction is undone, nobody has it, and the next attempt finds it again.
   */
  const clearAssets = Effect.fnUntraced(function*(work: Stage.Work<"PurgeRun">) {
    const { claim: { tenantId }, job: { documentId } } = work
    const removePage = work.write(Effect.gen(function*() {
      yield* documents.lock(tenantId, documentId)
      const unused = yield* assets.unused(tenantId, documentId, assetPage)
      const removal = Effect.forEach(unused, (hash) => blobs.removePrefix(assetKey(ownerOf(work), hash)), {
        concurrency: 8,
        discard: true
      })
      if (unused.length > 0) yield* Effect.mapError(removal, ofBlobs)
      yield* assets.remove(tenantId, documentId, unused)
      return unused.length
    }))
    yield* removePage.pipe(Effect.repeat({ while: (removed) => removed === assetPage }))
  })

  return Stage.make({
    handles: "PurgeRun",
    concurrency: 1,
    timeout: "5 minutes",
    run: Effect.fn("purgeRun")(function*(work) {
      const { claim, job } = work
      const run = yield* runs.context(claim.tenantId, job.runId)
      if (Option.isNone(run) || !isFinal(run.value.state)) return Stage.nothing

      const forget = work.write(Effect.gen(function*() {
        const document = yield* documents.lock(claim.tenantId, job.documentId)
        if (Option.isNone(document) || document.value.publishedRunId === job.runId) return false
        yield* segments.clear(claim.tenantId, job.runId)
        return true
      }))
      if (!(yield* forget)) return Stage.nothing

      const mark = work.write(Effect.andThen(
        documents.lock(claim.tenantId, job.documentId),
        segments.sendOut(claim.tenantId, job.documentId, removalPage)
      ))
      const removePage = Effect.gen(function*() {
        const marked = yield* mark
        if (marked > 0) {
          yield* remove(work).pipe(Effect.catchTag("SearchIndexError", (error) => Effect.fail(ofIndex(error))))
        }
        return marked
      })
      yield* removePage.pipe(Effect.repeat({ while: (removed) => removed === removalPage }))
      yield* clearContents(work)
      yield* clearAssets(work)
      const { generation, state } = run.value
      if (state === "published" || generation === 0) return Stage.nothing
      // It may have written what the document was called before it was renamed, and nobody came to write it again.
      return Effect.gen(function*() {
        const document = yield* documents.lock(claim.tenantId, job.documentId)
        if (Option.isSome(document) && document.value.publishedRunId !== null) yield* sync.owe(claim.tenantId, job)
      })
    })
  })
})
