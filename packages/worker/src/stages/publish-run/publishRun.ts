import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { JobsRepo, type NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { JobId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"

/**
 * Makes a complete version the one that readers see: membership, counts, state and event change in one transaction. The version
 * before it serves until then and is purged afterwards.
 */
export const publishRun = Effect.gen(function*() {
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const events = yield* EventsRepo
  const jobs = yield* JobsRepo
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo

  const publish = Effect.fnUntraced(function*(
    { claim, job }: Stage.Work<"PublishRun">,
    elapsedMs: number
  ): Effect.fn.Return<ReadonlyArray<NewJob>> {
    const { datasetId, documentId, runId } = job
    const run = yield* runs.context(claim.tenantId, runId)
    if (Option.isNone(run)) return []
    yield* runs.completeUnit(claim.tenantId, runId, { id: job.unitId, stage: "publish", elapsedMs })
    // A run that was cancelled meanwhile stays cancelled, and nothing of it is shown.
    if (!(yield* runs.end(claim.tenantId, runId, "published"))) return []
    const document = yield* documents.lock(claim.tenantId, documentId)
    if (Option.isNone(document) || document.value.deleting) return []
    const totals = yield* segments.totals(claim.tenantId, runId)
    const { pages } = run.value
    yield* documents.publish(claim.tenantId, documentId, { runId, pages, ...totals })
    yield* datasets.count(claim.tenantId, datasetId, {
      segments: totals.segments - document.value.segments,
      tokens: totals.tokens - document.value.tokens
    })
    yield* datasets.touchIngested(claim.tenantId, datasetId)
    yield* jobs.forgetDead(claim.tenantId, documentId)
    yield* events.append(claim.tenantId, { _tag: "DocumentPublished", datasetId, documentId, runId, pages, ...totals })
    const superseded = document.value.publishedRunId
    if (superseded === null || superseded === runId) return []
    return [{
      id: yield* newId(JobId),
      lane: "bulk",
      job: { _tag: "PurgeRun", version: 1, datasetId, documentId, runId: superseded }
    }]
  })

  return Stage.make({
    handles: "PublishRun",
    concurrency: 2,
    timeout: "1 minute",
    run: Effect.fn("publishRun")(function*(work) {
      const elapsedMs = yield* work.elapsed
      return publish(work, elapsedMs)
    })
  })
})
