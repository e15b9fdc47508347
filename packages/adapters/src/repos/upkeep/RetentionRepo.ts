import { DocumentId, RunId, TenantId } from "@sheaf/domain/ids"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, expiryPage, maybeRow, oneRow, rows, transact } from "../rows.ts"
import { runsKept } from "./retention.ts"

const OldRun = Schema.Struct({ tenantId: TenantId, documentId: DocumentId, id: RunId })

/** Runs forgotten at a time, each in a transaction of its own. */
const runsAtOnce = 20

/** Lets go of rows that nobody needs any more. Every method takes a page, and answers how many it took. */
export class RetentionRepo extends Context.Service<RetentionRepo, {
  readonly audit: (kept: Duration.Duration) => Effect.Effect<number>
  /** Jobs that were given up 90 days ago. */
  readonly deadJobs: Effect.Effect<number>
  /** Leases of chores that nobody has held for a day. */
  readonly leases: Effect.Effect<number>
  /** Units of runs that are over are not open any more. */
  readonly openUnits: Effect.Effect<number>
  /** All but the newest runs of documents that have very many, with their units. */
  readonly runs: Effect.Effect<number>
}>()("@sheaf/adapters/repos/upkeep/RetentionRepo") {
  static readonly layer = Layer.effect(
    RetentionRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const counted = oneRow(Schema.Struct({ gone: Schema.Int }))
      const count = (statement: Parameters<typeof counted>[0]) => Effect.map(counted(statement), (row) => row.gone)

      const oldRuns = rows(OldRun)
      // What is at work, published, or about to be purged stays.
      const over = sql`r.state in ('published', 'failed', 'cancelled') and r.id is distinct from d.published_run_id
        and r.id is distinct from d.latest_run_id
        and not exists (select 1 from jobs j where j.run_id = r.id and j.tenant_id = r.tenant_id)
        and not exists (select 1 from run_segments rs where rs.tenant_id = r.tenant_id and rs.run_id = r.id)`
      const findOld = oldRuns(sql`with many as (
          select tenant_id, document_id, max(number) as newest from runs where number > ${runsKept}
          group by tenant_id, document_id
        ) select r.tenant_id, r.document_id, r.id from many m
        join documents d on d.tenant_id = m.tenant_id and d.id = m.document_id
        join runs r on r.tenant_id = m.tenant_id and r.document_id = m.document_id
          and r.number <= m.newest - ${runsKept}
        where ${over} limit ${runsAtOnce}`)

      const held = maybeRow(Schema.Struct({ id: RunId }))
      const forget = ({ documentId, id, tenantId }: typeof OldRun.Type) =>
        transact(sql)(Effect.gen(function*() {
          const run = yield* held(sql`select id from runs where tenant_id = ${tenantId} and id = ${id} for update`)
          // Whoever publishes it, or purges it, has the document.
          yield* done(sql`select 1 from documents where tenant_id = ${tenantId} and id = ${documentId} for update`)
          const still = yield* held(sql`select r.id from runs r
            join documents d on d.tenant_id = r.tenant_id and d.id = r.document_id
            where r.tenant_id = ${tenantId} and r.id = ${id} and ${over}`)
          if (Option.isNone(run) || Option.isNone(still)) return 0
          yield* done(sql`delete from work_units where tenant_id = ${tenantId} and run_id = ${id}`)
          yield* done(sql`delete from runs where tenant_id = ${tenantId} and id = ${id}`)
          return 1
        }))

      return RetentionRepo.of({
        audit: (kept) =>
          count(sql`with gone as (delete from audit_log where ctid = any(array(select ctid from audit_log
            where created_at < now() - make_interval(secs => ${Duration.toSeconds(kept)}) limit ${expiryPage}))
            returning 1) select count(*)::int as gone from gone`),
        deadJobs: count(sql`with gone as (delete from jobs where state = 'dead' and ctid = any(array(
            select ctid from jobs where state = 'dead'
              and coalesce(died_at, created_at) < now() - interval '90 days' limit ${expiryPage}))
          returning 1) select count(*)::int as gone from gone`),
        leases: count(sql`with gone as (delete from leases where expires_at < now() - interval '1 day' returning 1)
          select count(*)::int as gone from gone`),
        openUnits: count(sql`with ended as (
            select u.tenant_id, u.id from work_units u join runs r on r.tenant_id = u.tenant_id and r.id = u.run_id
            where u.state = 'pending' and r.state in ('published', 'failed', 'cancelled') limit ${expiryPage}
          ), closed as (
            update work_units u set state = 'cancelled', finished_at = now() from ended
            where u.tenant_id = ended.tenant_id and u.id = ended.id and u.state = 'pending' returning 1
          ) select count(*)::int as gone from closed`),
        runs: Effect.gen(function*() {
          const old = yield* findOld
          const gone = yield* Effect.forEach(old, forget)
          return gone.filter((count) => count > 0).length
        })
      })
    })
  )
}
