import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { OwedEntriesRepo } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { SpacesRepo } from "@sheaf/adapters/repos/spaces/SpacesRepo"
import { SearchIndex, SearchIndexError } from "@sheaf/adapters/search/SearchIndex"
import { Duration, Effect, Option } from "effect"
import type { Work } from "../pipeline/Stage.ts"
import { inShrinkingPages } from "./inShrinkingPages.ts"

/** Segments marked in one transaction. */
export const removalPage = 100

/** Segments taken out in one transaction, a quarter of a second for the embedded index: fewer where it is slow. */
const pageSizes = { most: 40, fewest: 6 }

/** A page is removed from an index in milliseconds. Far below what the database allows a transaction to stand still. */
const patience = Duration.seconds(5)

const silent = new SearchIndexError({ operation: "remove", isRetryable: true, cause: new Error("no answer in time") })

/**
 * Takes the entries of a document's segments that are on their way out from the index, page by page, and settles what becomes of the
 * segments. An index that has no time for a whole page is asked for less.
 *
 * The index may be another server, which does not undo what the database undoes, and may do late what nobody waits for any more. So
 * that a segment is never taken for indexed without an entry, it was marked as on its way out in a transaction before this one, nobody
 * writes entries of marked ones, and the mark goes only with a removal that the index has answered. One removal of a document at a
 * time, by whoever holds its job: one that was sent before and is still on its way cannot come after the mark is gone.
 */
export const removeMarked = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const owed = yield* OwedEntriesRepo
  const segments = yield* SegmentsRepo
  const spaces = yield* SpacesRepo

  const removePage = ({ claim: { tenantId }, job: { datasetId, documentId }, write }: ThisWork, limit: number) =>
    write(Effect.gen(function*() {
      yield* owed.removeAlone(documentId)
      const marked = yield* owed.goingOut(tenantId, documentId, limit)
      if (marked.length === 0) return 0
      const of = yield* spaces.ofDataset(tenantId, datasetId)
      for (const space of Option.isNone(of) ? [] : of.value.held) {
        yield* index.remove(space, tenantId, { _tag: "Segments", segmentIds: marked }).pipe(
          Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(silent) })
        )
      }
      yield* documents.lock(tenantId, documentId)
      yield* segments.remove(tenantId, marked)
      return marked.length
    }))

  return (work: ThisWork) =>
    inShrinkingPages(pageSizes, (limit) => removePage(work, limit), (error) => error === silent)
})

type ThisWork = Work<"PurgeRun" | "ApplyEnablement">
