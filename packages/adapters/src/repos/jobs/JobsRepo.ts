import { type ClaimedJob, type Job, Lane } from "@sheaf/domain/jobs/Job"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { type DocumentId, JobId, LeaseToken, type RunId, TenantId } from "@sheaf/domain/ids"
import type { Dependency } from "@sheaf/domain/runs/Run"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { Signals } from "../../signals/Signals.ts"
import type { Hint } from "./HintsRepo.ts"
import { type Claimer, makeClaiming, type Want } from "./claiming.ts"
import { jobInsertion } from "./jobInsertion.ts"
import { newId } from "../newId.ts"
import { done, json, maybeRow, rows } from "../rows.ts"
import { traced } from "../../tracing/traced.ts"
import { traceparent } from "./traceparent.ts"

/** The lease of a job has passed to another worker, or the job was cancelled: what was done with it must not be written. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>()("LeaseLost", { jobId: JobId }) {}

export interface NewJob {
  /** Deterministic where a second enqueuing of the same work must do nothing (the unit's id), else new. */
  readonly id: JobId
  readonly lane: Lane
  readonly job: Job
  /** Not before this much time has passed. */
  readonly delay?: Duration.Duration
}

/** Jobs that the process which makes them works on at once: they are claimed where they are written. */
export interface Kept {
  readonly jobIds: ReadonlySet<JobId>
  readonly holder: string
  readonly lease: Duration.Duration
}

const Backlog = Schema.Struct({
  stage: Schema.String,
  lane: Lane,
  state: Schema.String,
  jobs: Schema.Int,
  oldestSeconds: Schema.Finite
})
export type Backlog = typeof Backlog.Type

/**
 * The only record of owed work. A job is claimed before it is worked on, and every write it leads to happens in a transaction that
 * holds the claim (`fence`); a finished job is deleted in the transaction of its effect.
 */
export class JobsRepo extends Context.Service<JobsRepo, {
  /** Part of the caller's transaction; workers hear of it after the commit. A job that exists already stays as it is. */
  readonly enqueue: (tenantId: TenantId, jobs: ReadonlyArray<NewJob>) => Effect.Effect<void>
  /** Takes due jobs, for each stage as many as are wanted, interactive ones first and tenants in turn. */
  readonly claim: (
    options: Claimer & { readonly wants: ReadonlyArray<Want> }
  ) => Effect.Effect<ReadonlyArray<ClaimedJob>>
  /** Takes the jobs that are still as the hints say. A hint of a job that is not any more claims nothing. */
  readonly claimHinted: (
    options: Claimer & { readonly hints: ReadonlyArray<Hint> }
  ) => Effect.Effect<ReadonlyArray<ClaimedJob>>
  /** Extends the leases that a holder has on these jobs and answers the ones it still has; the others are lost or gone. */
  readonly renew: (
    holder: string,
    jobIds: ReadonlySet<JobId>,
    lease: Duration.Duration
  ) => Effect.Effect<ReadonlySet<JobId>>
  /** Gives back whatever a holder has, at once and without blame: it is about to end. */
  readonly leave: (holder: string) => Effect.Effect<void>
  /**
   * Holds the claim until the end of the caller's transaction. The run is locked before the job, as everywhere: so a settlement, a
   * cancel and a failure of the same run wait for each other in one order.
   */
  readonly fence: (claim: ClaimedJob) => Effect.Effect<void, LeaseLost>
  /**
   * The work is done: the job goes, if the claim is still held. The first thing in the transaction of its effect, which it fences as
   * `fence` does. Answers the lane that the job was in at last.
   */
  readonly finish: (claim: ClaimedJob) => Effect.Effect<Lane, LeaseLost>
  /** The same where there is nothing else to write, for many at once and in a transaction of its own. Answers the ones that were held. */
  readonly finishAll: (claims: ReadonlyArray<ClaimedJob>) => Effect.Effect<ReadonlySet<JobId>>
  /**
   * In the same transaction: other work follows from it, as with `enqueue`. Answers claims on what is kept; not on a job that exists
   * already, nor on one whose run is paused.
   */
  readonly follow: (
    claim: ClaimedJob,
    next: ReadonlyArray<NewJob>,
    kept?: Kept
  ) => Effect.Effect<ReadonlyArray<ClaimedJob>>
  /** Gives the job back for later. With `blame`, the attempt counts. */
  readonly release: (claim: ClaimedJob, options: {
    readonly delay: Duration.Duration
    readonly blame: boolean
    readonly waitingFor: Dependency | null
  }) => Effect.Effect<void, LeaseLost>
  /** Within a fenced transaction: the work has got further, so it was not to blame that those who had it before have died. */
  readonly gotFurther: (claim: ClaimedJob) => Effect.Effect<void>
  /** Within a fenced transaction: no further attempt; the job is kept, with the cause, until somebody decides. */
  readonly bury: (claim: ClaimedJob, cause: FailureCause) => Effect.Effect<void>
  /** Makes jobs due again whose lease has run out; `holder` names one whose leases are void at once. Answers how many. */
  readonly reap: (holderIsDead?: (holder: string) => boolean) => Effect.Effect<number>
  /** Within the caller's transaction: the run's work is not owed any more. */
  readonly dropRun: (tenantId: TenantId, runId: RunId) => Effect.Effect<void>
  /** Within the caller's transaction: forgets the dead jobs of a document, now that a version is published. */
  readonly forgetDead: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<void>
  /** Per stage, lane and state (ready, leased, paused, dead): how many there are, and for how many seconds the oldest has been due. */
  readonly backlog: Effect.Effect<ReadonlyArray<Backlog>>
}>()("@sheaf/adapters/repos/jobs/JobsRepo") {
  static readonly layer = Layer.effect(
    JobsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const signals = yield* Signals

      const wakeFor = (jobs: ReadonlyArray<NewJob>) => {
        const due = new Map(jobs.map(({ job, lane }) => [`${job._tag} ${lane}`, { stage: job._tag, lane }]))
        return sql.afterCommit(
          Effect.forEach(due.values(), (which) => signals.send({ _tag: "JobsDue", ...which }), { discard: true })
        )
      }

      const insertion = jobInsertion(sql)

      const enqueue = Effect.fnUntraced(function*(tenantId: TenantId, jobs: ReadonlyArray<NewJob>) {
        if (jobs.length === 0) return
        yield* done(insertion(tenantId, jobs, { trace: yield* traceparent }))
        yield* wakeFor(jobs)
      }, traced("JobsRepo.enqueue"))

      const held = maybeRow(Schema.Struct({ id: JobId }))
      const orLost = (jobId: JobId) => (found: Option.Option<unknown>): Effect.Effect<void, LeaseLost> =>
        Option.isSome(found) ? Effect.void : Effect.fail(new LeaseLost({ jobId }))

      // A job that is being written to is held, and waits for nobody here: else one long transaction would let all leases run out.
      const renewed = rows(Schema.Struct({ id: JobId }))
      const renew: JobsRepo["Service"]["renew"] = (holder, jobIds, lease) => {
        const mine = sql`state = 'leased' and lease_holder = ${holder} and id = any(${[...jobIds]}::uuid[])`
        return Effect.map(
          renewed(sql`with free as (
              select tenant_id, id from jobs where ${mine} for update skip locked
            ), extended as (
              update jobs set lease_expires_at = now() + make_interval(secs => ${Duration.toSeconds(lease)})
              from free where jobs.tenant_id = free.tenant_id and jobs.id = free.id
            )
            select id from jobs where ${mine}`),
          (held) => new Set(held.map((row) => row.id))
        )
      }

      const leave: JobsRepo["Service"]["leave"] = (holder) =>
        done(sql`update jobs set state = 'ready', lease_token = null, lease_holder = null, lease_expires_at = null,
            epoch = epoch + 1
          where state = 'leased' and lease_holder = ${holder}`)

      // One statement, in the order of locks all the same: the job is looked at once the run is held.
      const holding = ({ job, tenantId }: ClaimedJob, statement: Statement.Fragment) =>
        "runId" in job
          ? sql`with run as materialized (
              select 1 from runs where tenant_id = ${tenantId} and id = ${job.runId} for update
            )
            ${statement}`
          : sql`${statement}`
      const mine = ({ id, job, tenantId, token }: ClaimedJob) =>
        sql`tenant_id = ${tenantId} and id = ${id} and lease_token = ${token} ${
          "runId" in job ? sql`and (select count(*) from run) >= 0` : sql``
        }`

      const fence: JobsRepo["Service"]["fence"] = (claim) =>
        Effect.flatMap(
          held(holding(claim, sql`select id from jobs where ${mine(claim)} for update`)),
          orLost(claim.id)
        )

      const gone = maybeRow(Schema.Struct({ lane: Lane }))
      const finish: JobsRepo["Service"]["finish"] = (claim) =>
        Effect.flatMap(
          gone(holding(claim, sql`delete from jobs where ${mine(claim)} returning lane`)),
          Option.match({
            onNone: () => Effect.fail(new LeaseLost({ jobId: claim.id })),
            onSome: ({ lane }) => Effect.succeed(lane)
          })
        )

      const ended = rows(Schema.Struct({ id: JobId }))
      const finishAll: JobsRepo["Service"]["finishAll"] = (claims) =>
        Effect.map(
          ended(sql`delete from jobs using unnest(${claims.map(({ tenantId }) => tenantId)}::uuid[],
              ${claims.map(({ id }) => id)}::uuid[], ${
            claims.map(({ token }) => token)
          }::uuid[]) as x(tenant_id, id, token)
            where jobs.tenant_id = x.tenant_id and jobs.id = x.id and jobs.lease_token = x.token returning jobs.id`),
          (gone) => new Set(gone.map((row) => row.id))
        )

      const finished = rows(Schema.Struct({ id: JobId, claimed: Schema.Boolean }))
      const follow: JobsRepo["Service"]["follow"] = Effect.fnUntraced(function*({ tenantId }, next, kept) {
        if (next.length === 0) return []
        const trace = yield* traceparent
        const token = yield* newId(LeaseToken)
        const made = yield* finished(insertion(tenantId, next, { trace, token, ...(kept !== undefined && { kept }) }))
        const mine = new Set(made.filter(({ claimed }) => claimed).map((row) => row.id))
        yield* wakeFor(next.filter((job) => !mine.has(job.id)))
        return next.filter((job) => mine.has(job.id)).map(({ id, job, lane }): ClaimedJob => ({
          id,
          tenantId,
          lane,
          job,
          attempts: 0,
          losses: 0,
          trace,
          token
        }))
      }, traced("JobsRepo.follow"))

      const release: JobsRepo["Service"]["release"] = (claimed, { blame, delay, waitingFor }) =>
        held(sql`update jobs set state = 'ready', lease_token = null, lease_holder = null, lease_expires_at = null,
            attempts = attempts + ${blame ? 1 : 0}, epoch = epoch + 1, waiting_for = ${waitingFor},
            not_before = now() + make_interval(secs => ${Duration.toSeconds(delay)})
          where tenant_id = ${claimed.tenantId} and id = ${claimed.id} and lease_token = ${claimed.token}
          returning id`).pipe(
          Effect.flatMap(orLost(claimed.id)),
          Effect.andThen(
            sql.afterCommit(signals.send({ _tag: "JobsDue", stage: claimed.job._tag, lane: claimed.lane }))
          )
        )

      const gotFurther: JobsRepo["Service"]["gotFurther"] = (claimed) =>
        claimed.losses === 0 ? Effect.void : done(sql`update jobs set losses = 0
          where tenant_id = ${claimed.tenantId} and id = ${claimed.id} and lease_token = ${claimed.token}`)

      const bury: JobsRepo["Service"]["bury"] = (claimed, cause) =>
        done(sql`update jobs set state = 'dead', cause = ${json(cause)}::jsonb, lease_token = null, lease_holder = null,
            lease_expires_at = null, attempts = attempts + 1, died_at = now()
          where tenant_id = ${claimed.tenantId} and id = ${claimed.id} and lease_token = ${claimed.token}`)

      const Leased = Schema.Struct({
        tenantId: TenantId,
        id: JobId,
        token: LeaseToken,
        holder: Schema.String,
        due: Schema.Boolean
      })
      const leases = rows(Leased)
      const reap = Effect.fn("JobsRepo.reap")(function*(holderIsDead: (holder: string) => boolean = () => false) {
        const leased = yield* leases(sql`select tenant_id, id, lease_token as token, lease_holder as holder,
            lease_expires_at < now() as due
          from jobs where state = 'leased' order by lease_expires_at limit 1000`)
        const lost = leased.filter((job) => job.due || holderIsDead(job.holder))
        if (lost.length === 0) return 0
        // By the token, and by the time again: the holder may have renewed, or finished, since we looked.
        yield* done(
          sql`update jobs set state = 'ready', lease_token = null, lease_holder = null, lease_expires_at = null,
            losses = losses + 1, epoch = epoch + 1
          from jsonb_to_recordset(${json(lost)}::jsonb) as x("tenantId" uuid, id uuid, token uuid, due boolean)
          where jobs.tenant_id = x."tenantId" and jobs.id = x.id and jobs.lease_token = x.token
            and (not x.due or jobs.lease_expires_at < now())`
        )
        return lost.length
      })

      const dropRun: JobsRepo["Service"]["dropRun"] = (tenantId, runId) =>
        done(sql`delete from jobs where tenant_id = ${tenantId} and run_id = ${runId} and stage <> 'PurgeRun'
          and state <> 'dead'`)

      const forgetDead: JobsRepo["Service"]["forgetDead"] = (tenantId, documentId) =>
        done(sql`delete from jobs where tenant_id = ${tenantId} and document_id = ${documentId} and state = 'dead'`)

      const backlog = rows(Backlog)(
        sql`select stage, lane, state, count(*)::int as jobs,
            greatest(0, extract(epoch from now() - min(not_before)))::float8 as oldest_seconds
          from jobs group by stage, lane, state`
      )

      return JobsRepo.of({
        enqueue,
        ...makeClaiming(sql),
        renew,
        leave,
        fence,
        finish,
        finishAll,
        follow,
        release,
        gotFurther,
        bury,
        reap,
        dropRun,
        forgetDead,
        backlog
      })
    })
  )
}
