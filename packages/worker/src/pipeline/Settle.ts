import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import type { LeaseLost, NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { isOutage } from "@sheaf/adapters/sql/isOutage"
import { lastly } from "@sheaf/adapters/sql/transactions"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { JobId } from "@sheaf/domain/ids"
import type { ClaimedJob, JobTag, Lane } from "@sheaf/domain/jobs/Job"
import { Cause, Context, Duration, Effect, Layer, Random } from "effect"
import { SqlClient } from "effect/sql"
import { makeFinish } from "./finishing.ts"
import { backoff, isPromised, maxAttempts } from "./retry.ts"
import type { BadJob } from "./Stage.ts"
import { nothing, type Settlement, type Stage, TryAgain } from "./Stage.ts"

/** The hands of this process: what follows from a settled job is worked on at once where one is free. */
export interface Hands {
  /** Names the process in leases. */
  readonly holder: string
  readonly lease: Duration.Duration
  /** Whether a stage has a hand free and all that it cannot do without. Does not wait. */
  readonly free: (stage: JobTag) => Effect.Effect<boolean>
  /** Keeps a hand for a job of a stage; `false` where all are busy. */
  readonly keep: (stage: JobTag) => boolean
  /** Begins to work on a claim, with a hand that was kept for it. */
  readonly begin: (claim: ClaimedJob) => void
  /** There is nothing to do for a hand that was kept. */
  readonly giveBack: (stage: JobTag) => void
}

/** What becomes of a job: the one place where work ends, is put off or given up. */
export class Settle extends Context.Service<Settle, {
  /** Writes the settlement and deletes the job, in one transaction, if the lease is still held. */
  readonly succeed: (claim: ClaimedJob, settlement: Settlement, hands: Hands) => Effect.Effect<void, LeaseLost>
  /** Puts the job off, or gives it up and fails its run. A lost lease is nothing to settle. */
  readonly fail: (claim: ClaimedJob, cause: Cause.Cause<TryAgain | BadJob | LeaseLost>) => Effect.Effect<void>
  readonly timedOut: (stage: Stage) => Effect.Effect<never, TryAgain>
}>()("@sheaf/worker/pipeline/Settle") {
  static readonly layer = Layer.effect(
    Settle,
    Effect.gen(function*() {
      const jobs = yield* JobsRepo
      const runs = yield* RunsRepo
      const events = yield* EventsRepo
      const signals = yield* Signals
      const sql = yield* SqlClient.SqlClient

      const finish = yield* makeFinish
      const transaction = transact(sql)
      const last = lastly(sql)

      const succeed: Settle["Service"]["succeed"] = (claim, settlement, hands) =>
        Effect.suspend(() => {
          if (settlement === nothing) return finish(claim)
          const kept = new Map<JobId, JobTag>()
          const giveBack = Effect.sync(() => {
            kept.forEach((stage) => hands.giveBack(stage))
            kept.clear()
          })
          const begin = (next: ClaimedJob) => {
            kept.delete(next.id)
            hands.begin(next)
          }
          return transaction(Effect.gen(function*() {
            // The database cannot undo what an attempt has kept that it gave up for the sake of others.
            yield* giveBack
            const lane = yield* jobs.finish(claim)
            const next = inLane(claim, lane, (yield* settlement) ?? [])
            for (const { delay, id, job: { _tag: stage } } of next) {
              if (delay !== undefined || !(yield* hands.free(stage))) continue
              if (hands.keep(stage)) kept.set(id, stage)
            }
            const { holder, lease } = hands
            const claims = yield* last(jobs.follow(claim, next, { jobIds: new Set(kept.keys()), holder, lease }))
            yield* sql.afterCommit(Effect.sync(() => claims.forEach(begin)))
          })).pipe(Effect.ensuring(giveBack))
        })

      /** The run has failed: its other work is not owed any more, and what it built is purged. */
      const failRun = Effect.fnUntraced(function*(claim: ClaimedJob, cause: FailureCause) {
        const job = claim.job
        if (!("runId" in job)) return
        const ended = yield* runs.end(claim.tenantId, job.runId, "failed", cause)
        if (!ended) return
        yield* jobs.dropRun(claim.tenantId, job.runId)
        const { datasetId, documentId, runId } = job
        yield* events.append(claim.tenantId, { _tag: "DocumentFailed", datasetId, documentId, runId, cause })
        yield* jobs.enqueue(claim.tenantId, [{
          id: yield* newId(JobId),
          lane: "bulk",
          job: { _tag: "PurgeRun", version: 1, datasetId, documentId, runId }
        }])
        yield* sql.afterCommit(signals.send({ _tag: "RunControl", runId }))
      })

      const giveUp = (claim: ClaimedJob, cause: FailureCause) =>
        transaction(
          jobs.fence(claim).pipe(
            Effect.andThen(jobs.bury(claim, cause)),
            Effect.andThen(failRun(claim, cause))
          )
        )

      const putOff = Effect.fnUntraced(function*(claim: ClaimedJob, problem: TryAgain) {
        const jitter = yield* Random.next
        const blame = problem.dependency === undefined && problem.patient !== true
        const delay = problem.delay ?? backoff(blame ? claim.attempts : 1, jitter)
        yield* transaction(
          jobs.fence(claim).pipe(
            Effect.andThen(jobs.release(claim, { delay, blame, waitingFor: problem.dependency ?? null })),
            Effect.andThen(
              problem.dependency !== undefined && "runId" in claim.job
                ? runs.setWaiting(claim.tenantId, claim.job.runId, problem.dependency)
                : Effect.void
            )
          )
        )
      })

      const fail: Settle["Service"]["fail"] = Effect.fn("Settle.fail")(function*(claim, cause) {
        const error = Cause.findErrorOption(cause)
        if (error._tag === "Some" && error.value._tag === "LeaseLost") return
        if (error._tag === "Some" && error.value._tag === "BadJob") return yield* giveUp(claim, error.value.cause)
        const problem = error._tag === "Some" && error.value._tag === "TryAgain"
          ? error.value
          : yield* fromDefect(cause)
        // What nobody retries by hand is put off until it works.
        const last = claim.attempts + 1 >= maxAttempts && !isPromised(claim.job)
        const blamed = problem.dependency === undefined && problem.patient !== true
        const told = { reason: problem.reason, attempts: claim.attempts }
        yield* problem.patient === true
          ? Effect.logDebug("job put off", told)
          : Effect.logWarning(blamed && last ? "job given up" : "job put off", told)
        return yield* blamed && last
          ? giveUp(claim, problem.cause ?? { _tag: "Internal", reference: claim.id })
          : putOff(claim, problem)
      }, Effect.catchTag("LeaseLost", () => Effect.void))

      const timedOut: Settle["Service"]["timedOut"] = (stage) =>
        Effect.fail(
          new TryAgain({
            reason: `${stage.handles} did not finish in time`,
            ...(stage.handles === "ParsePages" && {
              cause: { _tag: "ParserTimedOut", limitMs: Duration.toMillis(Duration.fromInputUnsafe(stage.timeout)) }
            })
          })
        )

      return Settle.of({ succeed, fail, timedOut })
    })
  )
}

/** What follows goes where the job was at last: its run may have changed lanes while it was at work. */
const inLane = (claim: ClaimedJob, lane: Lane, next: ReadonlyArray<NewJob>): ReadonlyArray<NewJob> =>
  lane === claim.lane ? next : next.map((follower) => follower.lane === claim.lane ? { ...follower, lane } : follower)

/** A defect is an outage if the adapter that died says that it is retryable, and else a bug: logged, and the job's attempt. */
const fromDefect = Effect.fnUntraced(function*(cause: Cause.Cause<unknown>) {
  const defect = Cause.squash(cause)
  if (isOutage(defect)) {
    return new TryAgain({ reason: "the database did not answer", dependency: "database" })
  }
  yield* Effect.logError("a stage has a bug", cause)
  return new TryAgain({ reason: "a stage died" })
})
