import { JobId, TenantId } from "@sheaf/domain/ids"
import { JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { json, rows } from "./rows.ts"

/** A job that is due, at the state (`epoch`) in which it is. Whoever claims it changes that, so an old hint fits nothing. */
export const Hint = Schema.Struct({ tenantId: TenantId, jobId: JobId, epoch: Schema.Int })
export type Hint = typeof Hint.Type

const Due = Schema.Struct({ ...Hint.fields, stage: JobTag, lane: Lane, trace: Schema.NullOr(Schema.String) })
export type Due = typeof Due.Type

export interface Wanted {
  readonly stage: JobTag
  readonly lane: Lane
  readonly limit: number
}

/** What of the owed work may be handed out next: for the relay that puts hints into a queue. Reads, and never claims. */
export class HintsRepo extends Context.Service<HintsRepo, {
  /** For each stage and lane up to `limit` due jobs: tenants in turn, the oldest of each first. */
  readonly due: (wanted: ReadonlyArray<Wanted>) => Effect.Effect<ReadonlyArray<Due>>
  /** Makes the hints that are about void: the ones whose job is still ready as they say, with its new epoch. */
  readonly renew: (hints: ReadonlyArray<Hint>) => Effect.Effect<ReadonlyArray<Hint>>
}>()("@sheaf/adapters/repos/HintsRepo") {
  static readonly layer = Layer.effect(
    HintsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const dueRows = rows(Due)
      const due: HintsRepo["Service"]["due"] = Effect.fn("HintsRepo.due")(function*(wanted) {
        if (wanted.length === 0) return []
        // Tenants are found by leaps through the index, not by reading what they owe: one owes ten thousand jobs. Of each as many
        // are looked at as its turns need, and some more, as others may have fewer.
        return yield* dueRows(sql`
          with recursive wanted as (
            select * from jsonb_to_recordset(${json(wanted)}::jsonb) as w(stage text, lane text, "limit" int)
          ), owing (stage, lane, "limit", tenant_id) as (
            select w.stage, w.lane, w.limit,
              (select j.tenant_id from jobs j where j.stage = w.stage and j.state = 'ready' order by j.tenant_id limit 1)
            from wanted w
            union all
            select o.stage, o.lane, o.limit,
              (select j.tenant_id from jobs j where j.stage = o.stage and j.state = 'ready' and j.tenant_id > o.tenant_id
                order by j.tenant_id limit 1)
            from owing o where o.tenant_id is not null
          ), tenants_due as (
            select *, count(*) over (partition by stage, lane) as tenants from owing o
            where o.tenant_id is not null and exists (select 1 from jobs j where j.stage = o.stage and j.state = 'ready'
              and j.tenant_id = o.tenant_id and j.lane = o.lane and j.not_before <= now())
          ), in_turn as (
            select o.stage, o.lane, o.limit, d.*,
              row_number() over (partition by o.stage, o.lane, o.tenant_id order by d.not_before, d.id) as turn
            from tenants_due o cross join lateral (
              select j.tenant_id, j.id, j.epoch, j.trace, j.not_before from jobs j
              where j.stage = o.stage and j.state = 'ready' and j.tenant_id = o.tenant_id and j.lane = o.lane
                and j.not_before <= now()
              order by j.not_before, j.id
              limit greatest(4, ceil(2.0 * o.limit / o.tenants))::int
            ) d
          ), placed as (
            select *, row_number() over (partition by stage, lane order by turn, not_before, id) as place from in_turn
          )
          select tenant_id, id as job_id, epoch, stage, lane, trace from placed where place <= "limit"
          order by stage, lane, place`)
      })

      const renewed = rows(Hint)
      const renew: HintsRepo["Service"]["renew"] = (hints) =>
        hints.length === 0 ? Effect.succeed([]) : renewed(sql`
          update jobs set epoch = jobs.epoch + 1
          from jsonb_to_recordset(${json(hints)}::jsonb) as h("tenantId" uuid, "jobId" uuid, epoch int)
          where jobs.tenant_id = h."tenantId" and jobs.id = h."jobId" and jobs.epoch = h.epoch and jobs.state = 'ready'
          returning jobs.tenant_id, jobs.id as job_id, jobs.epoch`)

      return HintsRepo.of({ due, renew })
    })
  )
}
