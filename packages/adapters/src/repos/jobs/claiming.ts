import { type ClaimedJob, Job, type JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { JobId, LeaseToken, TenantId } from "@sheaf/domain/ids"
import { Duration, Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import { traced } from "../../tracing/traced.ts"
import { newId } from "../newId.ts"
import { done, json, rows } from "../rows.ts"
import type { Hint } from "./HintsRepo.ts"
import { tenantLeap } from "./tenantLeap.ts"

/** What a stage has hands free for. */
export interface Want {
  readonly stage: JobTag
  readonly limit: number
  /** So many bulk jobs first, if there are any; after them interactive ones go before bulk. */
  readonly bulkFirst?: number
}

/** Who claims, and for how long without a sign of life. */
export interface Claimer {
  readonly holder: string
  readonly lease: Duration.Duration
}

const Claimed = Schema.Struct({
  id: JobId,
  tenantId: TenantId,
  lane: Lane,
  job: Schema.Unknown,
  attempts: Schema.Int,
  losses: Schema.Int,
  trace: Schema.NullOr(Schema.String),
  token: LeaseToken
})

const decodeJob = Schema.decodeUnknownOption(Job)

/** How jobs are claimed: many at once, each by one worker only. */
export const makeClaiming = (sql: SqlClient.SqlClient) => {
  const claimed = rows(Claimed)

  /** Claims what the table expression `picked` holds, under locks that it has taken. */
  const claimPicked = Effect.fnUntraced(function*(expressions: Fragment, { holder, lease }: Claimer) {
    const token = yield* newId(LeaseToken)
    const found = yield* claimed(sql`with recursive ${expressions}
      update jobs set state = 'leased', lease_token = ${token}::uuid, lease_holder = ${holder},
        lease_expires_at = now() + make_interval(secs => ${Duration.toSeconds(lease)}), waiting_for = null
      from picked where jobs.tenant_id = picked.tenant_id and jobs.id = picked.id
      returning jobs.id, jobs.tenant_id, jobs.lane, jobs.payload as job, jobs.attempts, jobs.losses, jobs.trace,
        jobs.lease_token as token`)
    return yield* readable(found)
  })

  /** A payload of a newer release is left to a newer worker. */
  const readable = (found: ReadonlyArray<typeof Claimed.Type>): Effect.Effect<ReadonlyArray<ClaimedJob>> =>
    Effect.forEach(found, (row) =>
      Option.match(decodeJob(row.job), {
        onSome: (job) => Effect.succeed([{ ...row, job }]),
        onNone: () =>
          Effect.logWarning("job is of a newer release", { jobId: row.id }).pipe(
            Effect.andThen(done(sql`update jobs set state = 'ready', lease_token = null, lease_holder = null,
              lease_expires_at = null, epoch = epoch + 1, not_before = now() + interval '1 minute'
              where tenant_id = ${row.tenantId} and id = ${row.id} and lease_token = ${row.token}`)),
            Effect.as([])
          )
      })).pipe(Effect.map((claimed) => claimed.flat()))

  const claim = Effect.fnUntraced(
    function*({ wants, ...claimer }: Claimer & { readonly wants: ReadonlyArray<Want> }) {
      const given = sql`unnest(${wants.map(({ stage }) => stage)}::text[], ${wants.map(({ limit }) => limit)}::int[],
        ${wants.map(({ bulkFirst = 0 }) => bulkFirst)}::int[])`
      return yield* claimPicked(
        sql`wanted (stage, most, bulk_first) as materialized (
          select * from ${given}
        ), ${tenantLeap(sql, sql`wanted`)}, due as (
          select w.stage, w.most, w.bulk_first, d.tenant_id, d.id, l.lane,
            row_number() over (partition by w.stage, l.lane, d.tenant_id order by d.not_before, d.id) as turn
          from wanted w
          join leap t on t.stage = w.stage and t.tenant_id is not null
          cross join (values ('interactive'), ('bulk')) as l(lane)
          cross join lateral (
            select tenant_id, id, not_before from jobs
            where stage = w.stage and state = 'ready' and tenant_id = t.tenant_id and lane = l.lane and not_before <= now()
            order by not_before limit w.most
          ) d
        ), placed as (
          select *, row_number() over (partition by stage, lane order by turn) as place from due
        ), ranked as (
          select *, row_number() over (partition by stage
            order by (lane = 'bulk' and place <= bulk_first) desc, lane desc, place) as rank from placed
        ), picked as (
          select j.tenant_id, j.id from jobs j
          join ranked r on r.tenant_id = j.tenant_id and r.id = j.id and r.rank <= r.most
          where j.state = 'ready'
          for update of j skip locked
        )`,
        claimer
      )
    },
    traced("JobsRepo.claim")
  )

  const claimHinted = Effect.fnUntraced(
    function*({ hints, ...claimer }: Claimer & { readonly hints: ReadonlyArray<Hint> }) {
      if (hints.length === 0) return []
      return yield* claimPicked(
        sql`picked as (
          select j.tenant_id, j.id from jobs j
          join jsonb_to_recordset(${json(hints)}::jsonb) as h("tenantId" uuid, "jobId" uuid, epoch int)
            on j.tenant_id = h."tenantId" and j.id = h."jobId" and j.epoch = h.epoch
          where j.state = 'ready' and j.not_before <= now()
          for update of j skip locked
        )`,
        claimer
      )
    },
    traced("JobsRepo.claimHinted")
  )

  return { claim, claimHinted }
}
