import { DocumentId, type RunId, type TenantId } from "@sheaf/domain/ids"
import { JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Signals } from "../../signals/Signals.ts"
import { maybeRow, rows } from "../rows.ts"

/**
 * What can be asked of a run while it is at work. Each is part of the caller's transaction, takes the run before its jobs, as everybody
 * does, and answers `false` where it does not fit. While a run is paused all jobs that it owes are `paused` too: nobody can claim
 * one, and none can be added, because whoever adds one holds a job of the run.
 */
export class RunControlRepo extends Context.Service<RunControlRepo, {
  /** Takes the jobs back from those who work on them, who hear of it. */
  readonly pause: (tenantId: TenantId, runId: RunId) => Effect.Effect<boolean>
  readonly resume: (tenantId: TenantId, runId: RunId) => Effect.Effect<boolean>
  /** Jobs at work go on, and what follows from them goes into the lane. */
  readonly prioritise: (tenantId: TenantId, runId: RunId, lane: Lane) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/runs/RunControlRepo") {
  static readonly layer = Layer.effect(
    RunControlRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const signals = yield* Signals

      const runs = maybeRow(Schema.Struct({ documentId: DocumentId }))
      const jobs = rows(Schema.Struct({ stage: JobTag, lane: Lane }))
      const atWork = sql`state not in ('published', 'failed', 'cancelled')`
      const owed = (tenantId: TenantId, runId: RunId) =>
        sql`tenant_id = ${tenantId} and run_id = ${runId} and stage <> 'PurgeRun'`

      /** Work is due again: whoever waits for some looks. */
      const wake = (due: ReadonlyArray<{ readonly stage: JobTag; readonly lane: Lane }>) =>
        Effect.forEach(
          new Map(due.map((line) => [`${line.stage} ${line.lane}`, line])).values(),
          (line) => sql.afterCommit(signals.send({ _tag: "JobsDue", ...line })),
          { discard: true }
        )
      const changed = (tenantId: TenantId, documentId: DocumentId, runId: RunId) =>
        sql.afterCommit(signals.send({ _tag: "RunChanged", tenantId, documentId, runId }))

      const pause: RunControlRepo["Service"]["pause"] = Effect.fn("RunControlRepo.pause")(function*(tenantId, runId) {
        const run = yield* runs(
          sql`update runs set paused = true, waiting_for = null, revision = revision + 1, since = now()
          where tenant_id = ${tenantId} and id = ${runId} and not paused and ${atWork} returning document_id`
        )
        if (Option.isNone(run)) return false
        yield* jobs(sql`update jobs set state = 'paused', lease_token = null, lease_holder = null,
            lease_expires_at = null, waiting_for = null, epoch = epoch + 1
          where ${owed(tenantId, runId)} and state in ('ready', 'leased') returning stage, lane`)
        yield* changed(tenantId, run.value.documentId, runId)
        yield* sql.afterCommit(signals.send({ _tag: "RunControl", runId }))
        return true
      })

      const resume: RunControlRepo["Service"]["resume"] = Effect.fn("RunControlRepo.resume")(
        function*(tenantId, runId) {
          const run = yield* runs(sql`update runs set paused = false, revision = revision + 1, since = now()
          where tenant_id = ${tenantId} and id = ${runId} and paused and ${atWork} returning document_id`)
          if (Option.isNone(run)) return false
          const due = yield* jobs(sql`update jobs set state = 'ready', epoch = epoch + 1,
            not_before = greatest(not_before, now())
          where ${owed(tenantId, runId)} and state = 'paused' returning stage, lane`)
          yield* changed(tenantId, run.value.documentId, runId)
          yield* wake(due)
          return true
        }
      )

      const prioritise: RunControlRepo["Service"]["prioritise"] = Effect.fn("RunControlRepo.prioritise")(
        function*(tenantId, runId, lane) {
          const run = yield* runs(sql`update runs set config = jsonb_set(config, '{lane}', to_jsonb(${lane}::text)),
              revision = revision + 1
            where tenant_id = ${tenantId} and id = ${runId} and ${atWork} returning document_id`)
          if (Option.isNone(run)) return false
          // A hint that says the lane of before is void with the epoch.
          const due = yield* jobs(sql`update jobs set lane = ${lane}, epoch = epoch + 1
            where ${owed(tenantId, runId)} and state in ('ready', 'leased', 'paused') and lane <> ${lane}
            returning stage, lane`)
          yield* changed(tenantId, run.value.documentId, runId)
          yield* wake(due)
          return true
        }
      )

      return RunControlRepo.of({ pause, resume, prioritise })
    })
  )
}
