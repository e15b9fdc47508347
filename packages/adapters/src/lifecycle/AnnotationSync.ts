import { type AppId, JobId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import { newId } from "../repos/newId.ts"
import { oneRow } from "../repos/rows.ts"

/** Sees to it that annotations get the vectors that their app's settings ask for. */
export class AnnotationSync extends Context.Service<AnnotationSync, {
  /** Something is owed; for whoever holds the app, which is what keeps the job that does it from ending unseen. */
  readonly owe: (tenantId: TenantId, appId: AppId) => Effect.Effect<void>
}>()("@sheaf/adapters/lifecycle/AnnotationSync") {
  static readonly layer = Layer.effect(
    AnnotationSync,
    Effect.gen(function*() {
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient

      const owing = oneRow(Schema.Struct({ isOwed: Schema.Boolean }))
      // One job an app: it ends while it holds the app, after a last look whether anything is left. What was put off is due.
      const owe: AnnotationSync["Service"]["owe"] = Effect.fn("AnnotationSync.owe")(function*(tenantId, appId) {
        const ofApp = sql`tenant_id = ${tenantId} and stage = 'IndexAnnotations' and payload ->> 'appId' = ${appId}`
        const { isOwed } = yield* owing(sql`with due as (
            update jobs set not_before = now() where ${ofApp} and state = 'ready' and not_before > now() returning 1
          )
          select exists (select 1 from jobs where ${ofApp} and state <> 'dead') as is_owed
          from (select count(*) from due) counted`)
        if (isOwed) return
        yield* jobs.enqueue(tenantId, [{
          id: yield* newId(JobId),
          lane: "interactive",
          job: { _tag: "IndexAnnotations", version: 1, appId }
        }])
      })

      return AnnotationSync.of({ owe })
    })
  )
}
