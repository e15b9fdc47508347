import { DocumentStatus } from "@sheaf/domain/documents/status"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId, TenantId } from "@sheaf/domain/ids"
import { Lane } from "@sheaf/domain/jobs/Job"
import { RunState } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { maybeRow, rows } from "../rows.ts"
import { documentTables, visibleDocuments } from "./documentRow.ts"
import { statusSql } from "./statusCondition.ts"

const Place = Schema.Struct({
  status: DocumentStatus,
  state: Schema.NullOr(RunState),
  lane: Schema.NullOr(Lane),
  working: Schema.Boolean,
  jobs: Schema.Int,
  documents: Schema.Int,
  /** Seconds since work on it began; `null`: it has not. */
  worked: Schema.NullOr(Schema.Finite)
})

/** When work on a run began and ended, in seconds before now. */
const Span = Schema.Struct({ began: Schema.Finite, ended: Schema.Finite })

/** Jobs that are looked at: with more before it, a place is at least so far behind. */
const most = 100_000

/** Where the owed work of documents stands, and how long such work takes. */
export class QueueRepo extends Context.Service<QueueRepo, {
  /** Of the newest run, among the work of its own tenant. */
  readonly place: (caller: Caller, documentId: DocumentId) => Effect.Effect<Option.Option<typeof Place.Type>>
  /** The tenant's runs that were published last, within a day. */
  readonly lately: (tenantId: TenantId, limit: number) => Effect.Effect<ReadonlyArray<typeof Span.Type>>
}>()("@sheaf/adapters/repos/documents/QueueRepo") {
  static readonly layer = Layer.effect(
    QueueRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      // A run is marked as started when its first unit ends, so that one's time comes before.
      const began = sql`extract(epoch from now() - r.started_at)::float8 + coalesce((select u.elapsed_ms / 1000
        from work_units u where u.tenant_id = r.tenant_id and u.run_id = r.id and u.stage = 'parse' and u.state = 'done'
        order by u.finished_at limit 1), 0)`

      const placed = maybeRow(Place)
      const place: QueueRepo["Service"]["place"] = (caller, documentId) =>
        placed(sql`
          with me as (
            select ${statusSql(sql)} as status, r.id as run_id, r.state, r.config ->> 'lane' as lane, ${began} as worked
            from ${documentTables(sql)} where ${
          visibleDocuments(sql, caller)
        } and not d.deleting and d.id = ${documentId}
          ), mine as (
            select j.* from jobs j join me on j.run_id = me.run_id
            where j.tenant_id = ${caller.tenantId} and j.state in ('ready', 'leased') and me.state not in ${final(sql)}
          ), next as (
            select * from mine where state = 'ready' order by lane desc, not_before, id limit 1
          ), before as (
            select j.document_id from jobs j, next
            where j.tenant_id = ${caller.tenantId} and j.stage = next.stage and j.state = 'ready'
              and j.run_id is distinct from next.run_id and j.lane >= next.lane
              and (j.lane > next.lane or (j.not_before, j.id) < (next.not_before, next.id))
            limit ${most}
          )
          select me.status, me.state,
            coalesce((select lane from next), (select lane from mine limit 1), me.lane) as lane,
            exists(select from mine where state = 'leased') as working,
            (select count(*)::int from before) as jobs,
            (select count(distinct document_id)::int from before) as documents,
            me.worked
          from me`)

      const spans = rows(Span)
      const lately: QueueRepo["Service"]["lately"] = (tenantId, limit) =>
        spans(sql`select ${began} as began, extract(epoch from now() - r.finished_at)::float8 as ended
          from runs r where r.tenant_id = ${tenantId} and r.state = 'published'
            and r.finished_at > now() - interval '1 day' and r.started_at is not null
          order by r.finished_at desc limit ${limit}`)

      return QueueRepo.of({ place, lately })
    })
  )
}

const final = (sql: SqlClient.SqlClient): Statement.Fragment => sql`('published', 'failed', 'cancelled')`
