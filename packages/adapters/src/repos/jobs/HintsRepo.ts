import { JobId, TenantId } from "@sheaf/domain/ids"
import { JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { json, rows } from "../rows.ts"
import { tenantLeap } from "./tenantLeap.ts"

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

const lineOf = ({ lane, stage }: Pick<Wanted, "lane" | "stage">) => `${stage} ${lane}`

/** What of the owed work may be handed out next: for the relay that puts hints into a queue. Reads, and never claims. */
export class HintsRepo extends Context.Service<HintsRepo, {
  /** For each stage and lane up to `limit` due jobs: tenants in turn, the oldest of each first. */
  readonly due: (wanted: ReadonlyArray<Wanted>) => Effect.Effect<ReadonlyArray<Due>>
  /** Makes the hints that are about void: the ones whose job is still ready as they say, with its new epoch. */
  readonly renew: (hints: ReadonlyArray<Hint>) => Effect.Effect<ReadonlyArray<Hint>>
}>()("@sheaf/adapters/repos/jobs/HintsRepo") {
  static readonly layer = Layer.effect(
    HintsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      // The limit tells the planner that stages are few, or it takes the statement for one that is worth compiling, which takes longer
      // than running it.
      const owingRows = rows(Schema.Struct({ stage: JobTag, lane: Lane, tenantId: TenantId }))
      const stagesOf = (wanted: ReadonlyArray<Wanted>) =>
        sql`(select distinct stage from jsonb_to_recordset(${json(wanted)}::jsonb) as w(stage text) limit 20)`
      const owing = (wanted: ReadonlyArray<Wanted>) =>
        owingRows(sql`
          with recursive ${tenantLeap(sql, stagesOf(wanted))}
          select l.stage, lanes.lane, l.tenant_id from leap l
          cross join (values ('interactive'), ('bulk')) as lanes (lane)
          cross join lateral (select 1 from jobs j where j.stage = l.stage and j.state = 'ready'
            and j.tenant_id = l.tenant_id and j.lane = lanes.lane and j.not_before <= now() limit 1) due
          where l.tenant_id is not null`)

      const dueRows = rows(Schema.Struct({ ...Due.fields, since: Schema.Finite, turn: Schema.Int }))
      const due: HintsRepo["Service"]["due"] = Effect.fn("HintsRepo.due")(function*(wanted) {
        if (wanted.length === 0) return []
        const tenants = Map.groupBy(yield* owing(wanted), lineOf)
        // Of each tenant as many as its turns need, and some more, as others may have fewer.
        const shares = wanted.flatMap(({ limit, ...line }) => {
          const those = tenants.get(lineOf(line)) ?? []
          const most = Math.min(limit, Math.max(4, Math.ceil(2 * limit / those.length)))
          return those.map(({ lane, stage, tenantId }) => ({ lane, stage, tenantId, most }))
        })
        if (shares.length === 0) return []
        const found = yield* dueRows(sql`
          select oldest.tenant_id, oldest.job_id, oldest.epoch, oldest.trace, share.stage, share.lane,
            extract(epoch from oldest.not_before)::float8 as since,
            row_number() over (
              partition by share.stage, share.lane, oldest.tenant_id order by oldest.not_before, oldest.job_id
            )::int as turn
          from jsonb_to_recordset(${json(shares)}::jsonb) as share(stage text, lane text, "tenantId" uuid, most int)
          cross join lateral (
            select j.tenant_id, j.id as job_id, j.epoch, j.trace, j.not_before from jobs j
            where j.stage = share.stage and j.state = 'ready' and j.tenant_id = share."tenantId" and j.lane = share.lane
              and j.not_before <= now()
            order by j.not_before limit share.most
          ) oldest`)
        const byLine = Map.groupBy(found, lineOf)
        return wanted.flatMap((line) =>
          (byLine.get(lineOf(line)) ?? []).sort((a, b) => a.turn - b.turn || a.since - b.since).slice(0, line.limit)
        )
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
