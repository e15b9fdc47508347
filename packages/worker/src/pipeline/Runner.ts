import { JobFeed } from "@sheaf/adapters/feed/JobFeed"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { continuing } from "@sheaf/adapters/repos/jobs/traceparent"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { traced } from "@sheaf/adapters/tracing/traced"
import type { ClaimedJob, JobTag } from "@sheaf/domain/jobs/Job"
import type { JobId } from "@sheaf/domain/ids"
import {
  Cause,
  Clock,
  Context,
  Duration,
  Effect,
  Exit,
  FiberMap,
  FiberSet,
  Layer,
  Queue,
  Scope,
  Semaphore,
  Stream
} from "effect"
import { SqlClient } from "effect/sql"
import { type Hands, Settle } from "./Settle.ts"
import { isPromised, maxLosses } from "./retry.ts"
import { BadJob, type Stage, type WorkOn } from "./Stage.ts"

export interface RunnerOptions {
  /** Names this process in leases. */
  readonly holder: string
  /** How long a job stays claimed without a sign of life. */
  readonly lease: Duration.Duration
  /** How often leases are renewed, and cancelled work is noticed at the latest. */
  readonly heartbeat: Duration.Duration
  /** How often a stage looks for due jobs at least: signals may be lost, and delays run out silently. */
  readonly poll: Duration.Duration
  /** How long jobs at work may go on when the process ends; what is not done then is given back. */
  readonly grace: Duration.Duration
}

export const defaults = {
  lease: Duration.seconds(20),
  heartbeat: Duration.seconds(1),
  poll: Duration.seconds(1),
  grace: Duration.zero
} as const

/** Where the jobs of one stage are worked on. */
interface Desk {
  readonly stage: Stage
  /** Jobs that are worked on, begun or not. */
  busy: number
  readonly hands: Semaphore.Semaphore
  /** Somebody may have become free. */
  readonly free: Queue.Queue<void>
}

/** Claims jobs, runs their stages, keeps the leases alive and settles. The only place that knows how work is handed out. */
export class Runner extends Context.Service<Runner, {
  /** How many jobs this process works on right now. */
  readonly active: Effect.Effect<number>
}>()("@sheaf/worker/pipeline/Runner") {
  static readonly layer = (stages: ReadonlyArray<Stage>, options: RunnerOptions) =>
    Layer.effect(
      Runner,
      Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const jobFeed = yield* JobFeed
        const signals = yield* Signals
        const settle = yield* Settle
        const transaction = transact(yield* SqlClient.SqlClient)
        // Registered first, so it runs last: what the end of the process interrupts is free for the next one at once.
        yield* Effect.addFinalizer(() => Effect.ignoreCause(jobs.leave(options.holder), { log: "Warn" }))
        // Made before what works with them, so closed after it.
        const feeds = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit))
        const running = yield* FiberMap.make<JobId, void, never>()
        const runFork = yield* FiberMap.runtime(running)<never>()
        const desks = new Map<JobTag, Desk>()
        for (const stage of stages) {
          const { concurrency, handles } = stage
          desks.set(handles, {
            stage,
            busy: 0,
            // A feed may bring what it was asked for before a hand was kept for something else: then that waits.
            hands: yield* Semaphore.make(concurrency),
            free: yield* Queue.sliding<void>(1)
          })
        }
        let stopping = false
        const hasFree = (tag: JobTag) => {
          const desk = desks.get(tag)
          return !stopping && desk !== undefined && desk.busy < desk.stage.concurrency
        }
        const giveBack = (tag: JobTag) => {
          const desk = desks.get(tag)!
          desk.busy--
          Queue.offerUnsafe(desk.free, undefined)
        }
        const hands: Hands = {
          holder: options.holder,
          lease: options.lease,
          free: Effect.fnUntraced(function*(tag) {
            const { awaits } = desks.get(tag)?.stage ?? {}
            if (!hasFree(tag) || awaits === undefined) return hasFree(tag)
            return yield* Effect.raceFirst(Effect.as(awaits, true), Effect.succeed(false))
          }),
          keep: (tag) => {
            const isFree = hasFree(tag)
            if (isFree) desks.get(tag)!.busy++
            return isFree
          },
          begin: (claim) => begin(claim),
          giveBack
        }

        const perform = Effect.fnUntraced(function*(stage: Stage, claim: ClaimedJob) {
          const begin = yield* Clock.currentTimeMillis
          const work: WorkOn<never> = {
            claim,
            // Claimed by the stage's tag, so it is one of the stage's jobs.
            job: claim.job as never,
            write: (effect) => transaction(Effect.andThen(jobs.fence(claim), effect)),
            elapsed: Effect.map(Clock.currentTimeMillis, (now) => now - begin)
          }
          const begun = claim.losses < maxLosses || isPromised(claim.job)
            ? stage.run(work)
            : Effect.fail(
              new BadJob({ cause: { _tag: "ParserCrashed", detail: `${claim.losses} workers died with it` } })
            )
          const exit = yield* begun.pipe(
            Effect.timeoutOrElse({ duration: stage.timeout, orElse: () => settle.timedOut(stage) }),
            Effect.flatMap((settlement) => settle.succeed(claim, settlement, hands)),
            Effect.exit
          )
          if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) yield* settle.fail(claim, exit.cause)
        }, (effect, _stage, { id: jobId, job: { _tag: stage }, tenantId }) =>
          effect.pipe(traced("Runner.perform", { jobId, stage, tenantId }), Effect.annotateLogs({ jobId, stage })))

        /** Works on a claim that its desk counts as busy; `after` runs when that has ended. */
        const begin = (claim: ClaimedJob, after: Effect.Effect<void> = Effect.void) => {
          const { hands, stage } = desks.get(claim.job._tag)!
          const fiber = runFork(
            claim.id,
            hands.withPermit(perform(stage, claim)).pipe(
              continuing(claim.trace),
              Effect.catchCause((cause) =>
                Effect.logError("settling a job failed; its lease will expire", cause)
              ),
              Effect.ensuring(after)
            )
          )
          fiber.addObserver(() => giveBack(stage.handles))
        }

        /** Hands out a stage's jobs as long as it has hands free. */
        const dispatch = Effect.fnUntraced(function*(desk: Desk) {
          const { holder, lease, poll } = options
          const { concurrency, handles: stage, awaits } = desk.stage
          const feed = yield* Scope.provide(jobFeed.open({ stage, holder, lease, concurrency, poll }), feeds)
          const look = Effect.gen(function*() {
            if (desk.busy >= concurrency) return yield* Queue.take(desk.free)
            if (awaits !== undefined) yield* awaits
            const claims = yield* feed.take(concurrency - desk.busy)
            for (const claim of claims) {
              desk.busy++
              begin(claim, feed.release(claim))
            }
          })
          return yield* look.pipe(
            Effect.catchCause((cause) =>
              Effect.logWarning("looking for jobs failed", cause).pipe(Effect.andThen(Effect.sleep(poll)))
            ),
            Effect.forever
          )
        })

        /** Renews every lease at once and stops what is no longer ours: cancelled, or taken over after a stall. */
        const heartbeat = Effect.gen(function*() {
          const mine = new Set(Array.from(running, ([id]) => id))
          if (mine.size === 0) return
          const held = yield* jobs.renew(options.holder, mine, options.lease)
          for (const id of mine) {
            if (!held.has(id)) yield* Effect.forkChild(FiberMap.remove(running, id))
          }
        }).pipe(Effect.catchCause((cause) => Effect.logWarning("renewing leases failed", cause)))

        // However many runs are stopped at once, one look at the leases finds them all.
        const stop = yield* Queue.sliding<void>(1)
        const control = yield* signals.subscribe("RunControl")
        yield* control.pipe(Stream.runForEach(() => Queue.offer(stop, undefined)), Effect.forkScoped)
        yield* Queue.take(stop).pipe(
          Effect.timeoutOption(options.heartbeat),
          Effect.andThen(heartbeat),
          Effect.forever,
          Effect.forkScoped
        )
        const dispatchers = yield* FiberSet.make<never, never>()
        yield* Effect.forEach(desks.values(), (desk) => FiberSet.run(dispatchers, dispatch(desk)), { discard: true })
        // Registered last, so it runs first: nothing new is claimed, and what is at work has its leases renewed until it is done.
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => stopping = true).pipe(
            Effect.andThen(FiberSet.clear(dispatchers)),
            Effect.andThen(Effect.interruptible(FiberMap.awaitEmpty(running))),
            Effect.timeoutOption(options.grace)
          )
        )
        return Runner.of({ active: FiberMap.size(running) })
      })
    )
}
