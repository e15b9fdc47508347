import { DocumentsRepo } from "@sheaf/adapters/repos/DocumentsRepo"
import { RunsRepo } from "@sheaf/adapters/repos/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/SegmentsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { isFinal } from "@sheaf/domain/runs/Run"
import { Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { ofIndex } from "../failures.ts"

/** Segments per transaction. */
const page = 200

/**
 * Removes what a run left behind that is superseded, failed or cancelled: its membership, and the segments that no other run holds,
 * from index and table. Under the document's row lock, so that a run that is being built cannot take up a segment on its way out.
 */
export const purgeRun = Effect.gen(function*() {
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo

  return Stage.make({
    handles: "PurgeRun",
    concurrency: 1,
    timeout: "5 minutes",
    run: Effect.fn("purgeRun")(function*(work) {
      const { claim, job } = work
      const run = yield* runs.context(claim.tenantId, job.runId)
      if (Option.isNone(run) || !isFinal(run.value.state)) return Effect.void
      const { space } = run.value.config

      const forget = work.write(Effect.gen(function*() {
        const document = yield* documents.lock(claim.tenantId, job.documentId)
        if (Option.isNone(document) || document.value.publishedRunId === job.runId) return false
        yield* segments.clear(claim.tenantId, job.runId)
        return true
      }))
      if (!(yield* forget)) return Effect.void

      const removePage = work.write(Effect.gen(function*() {
        yield* documents.lock(claim.tenantId, job.documentId)
        const unheld = yield* segments.unheld(claim.tenantId, job.documentId, page)
        if (unheld.length === 0) return 0
        yield* index.remove(space, claim.tenantId, { _tag: "Segments", segmentIds: unheld }).pipe(
          Effect.mapError(ofIndex)
        )
        yield* segments.remove(claim.tenantId, unheld)
        return unheld.length
      }))
      yield* removePage.pipe(Effect.repeat({ while: (removed) => removed === page }))
      return Effect.void
    })
  })
})
