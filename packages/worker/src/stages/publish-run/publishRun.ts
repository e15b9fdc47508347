import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { AttachmentsRepo } from "@sheaf/adapters/repos/documents/AttachmentsRepo"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { JobsRepo, type NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { OwedEntriesRepo } from "@sheaf/adapters/repos/segments/OwedEntriesRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { QuotaExceeded } from "@sheaf/domain/edge/errors"
import { JobId, type TenantId } from "@sheaf/domain/ids"
import { Effect, Option, Result } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { keepChanges } from "./keepChanges.ts"

/**
 * Makes a complete version the one that readers see: membership, counts, state and event change in one transaction. The version
 * before it serves until then and is purged afterwards.
 */
export const publishRun = Effect.gen(function*() {
  const attachments = yield* AttachmentsRepo
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const events = yield* EventsRepo
  const jobs = yield* JobsRepo
  const quotas = yield* QuotasRepo
  const owed = yield* OwedEntriesRepo
  const runs = yield* RunsRepo
  const segments = yield* SegmentsRepo
  const keep = yield* keepChanges
  const sync = yield* IndexSync

  /** The tenant may not have so many segments: the version before serves on. */
  const refuse = Effect.fnUntraced(function*(
    tenantId: TenantId,
    { datasetId, documentId, runId }: Stage.Work<"PublishRun">["job"],
    { limit, quota }: QuotaExceeded
  ): Effect.fn.Return<ReadonlyArray<NewJob>> {
    const cause: FailureCause = { _tag: "QuotaExceeded", quota, limit }
    if (!(yield* runs.end(tenantId, runId, "failed", cause))) return []
    yield* events.append(tenantId, { _tag: "DocumentFailed", datasetId, documentId, runId, cause })
    return [{
      id: yield* newId(JobId),
      lane: "bulk",
      job: { _tag: "PurgeRun", version: 1, datasetId, documentId, runId }
    }]
  })

  const publish = Effect.fnUntraced(function*(
    { claim, job }: Stage.Work<"PublishRun">,
    elapsedMs: number
  ): Effect.fn.Return<ReadonlyArray<NewJob>> {
    const { datasetId, documentId, runId } = job
    const run = yield* runs.context(claim.tenantId, runId)
    if (Option.isNone(run)) return []
    yield* runs.completeUnit(claim.tenantId, runId, { id: job.unitId, stage: "publish", elapsedMs })
    const document = yield* documents.lock(claim.tenantId, documentId)
    const cut = yield* segments.totals(claim.tenantId, runId)
    const kept = yield* keep({ tenantId: claim.tenantId, documentId, runId, size: cut.segments })
    const totals = { segments: cut.segments + kept.segments, tokens: cut.tokens + kept.tokens }
    const more = totals.segments - Option.match(document, { onNone: () => 0, onSome: (held) => held.segments })
    const room = yield* Effect.result(quotas.claim(claim.tenantId, { segments: Math.max(0, more) }))
    if (Result.isFailure(room)) return yield* refuse(claim.tenantId, job, room.failure)
    // A run that was cancelled meanwhile stays cancelled, and nothing of it is shown.
    if (!(yield* runs.end(claim.tenantId, runId, "published"))) return []
    if (Option.isNone(document) || document.value.deleting) return []
    yield* kept.carryOut
    const { pages } = run.value
    yield* documents.publish(claim.tenantId, documentId, { runId, pages, ...totals })
    yield* datasets.count(claim.tenantId, datasetId, {
      segments: totals.segments - document.value.segments,
      tokens: totals.tokens - document.value.tokens
    })
    yield* datasets.touchIngested(claim.tenantId, datasetId)
    yield* jobs.forgetDead(claim.tenantId, documentId)
    yield* events.append(claim.tenantId, { _tag: "DocumentPublished", datasetId, documentId, runId, pages, ...totals })
    if (yield* owed.owes(claim.tenantId, runId)) yield* sync.touch(claim.tenantId, documentId, { all: false })
    const next: Array<NewJob> = []
    if (yield* attachments.has(claim.tenantId, { documentId, runId })) {
      next.push({
        id: JobId.make(derivedId("attachments", runId)),
        lane: claim.lane,
        job: { _tag: "AcceptAttachments", version: 1, datasetId, documentId, runId }
      })
    }
    const superseded = document.value.publishedRunId
    if (superseded !== null && superseded !== runId) {
      next.push({
        id: yield* newId(JobId),
        lane: "bulk",
        job: { _tag: "PurgeRun", version: 1, datasetId, documentId, runId: superseded }
      })
    }
    return next
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
