import type { LeaseLost, NewJob } from "@sheaf/adapters/repos/jobs/JobsRepo"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { ClaimedJob, Job, JobTag } from "@sheaf/domain/jobs/Job"
import type { Dependency } from "@sheaf/domain/runs/Run"
import { Data, type Duration, Effect } from "effect"

/** The job could not be done now. Without `dependency` it is the job's own fault and counts as an attempt. */
export class TryAgain extends Data.TaggedError("TryAgain")<{
  readonly reason: string
  /** What is down: the run says that it waits for it, and no attempt is counted. */
  readonly dependency?: Dependency
  /** Not a failure at all: look again later. */
  readonly patient?: boolean
  readonly delay?: Duration.Duration
  /** What the run has failed of, if this was the last attempt. */
  readonly cause?: FailureCause
}> {}

/** The job can never be done. */
export class BadJob extends Data.TaggedError("BadJob")<{ readonly cause: FailureCause }> {}

/**
 * What to write when the work is done (units, states, events), and the jobs that follow. Runs in the transaction that deletes the job,
 * so all of it happens or nothing, and only while the lease is held.
 */
export type Settlement = Effect.Effect<ReadonlyArray<NewJob> | void>

/** The settlement of work that leaves nothing to write: only the job goes, which takes no transaction. */
export const nothing: Effect.Effect<void> = Effect.void

/** What a stage gets to work on, and with. */
export type Work<Tag extends JobTag> = WorkOn<Extract<Job, { readonly _tag: Tag }>>

export interface WorkOn<Payload extends Job> {
  readonly claim: ClaimedJob
  readonly job: Payload
  /** Writes before the end: a transaction of its own, fenced by the lease. Must be idempotent, as the job may run again. */
  readonly write: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E | LeaseLost>
  /** Milliseconds since the work began. */
  readonly elapsed: Effect.Effect<number>
}

type Failure = TryAgain | BadJob | LeaseLost

interface Options<Tag extends JobTag> {
  readonly handles: Tag
  /** Jobs at a time, per process. */
  readonly concurrency: number
  /** After this the work is interrupted and counts as a failed attempt. */
  readonly timeout: Duration.Input
  /** Nothing is claimed until this completes: what the stage cannot do without is there. */
  readonly awaits?: Effect.Effect<void>
  /** Does the work outside any transaction; may be run again from the start, here or elsewhere, at any time. */
  readonly run: (work: Work<Tag>) => Effect.Effect<Settlement, Failure>
}

/** A stage as the runner sees it, whatever its job. */
export interface Stage extends Omit<Options<JobTag>, "run"> {
  readonly run: (work: WorkOn<never>) => Effect.Effect<Settlement, Failure>
}

/** One stage: knows its job and its ports, not claims, leases, retries or what runs before it. */
export const make = <const Tag extends JobTag>(options: Options<Tag>): Stage => options
