import type { ClaimedJob, JobTag } from "@sheaf/domain/jobs/Job"
import { Context, type Duration, type Effect, type Scope } from "effect"

export interface FeedOptions {
  readonly stage: JobTag
  /** Names the process in leases. */
  readonly holder: string
  /** How long a job stays claimed without a sign of life. */
  readonly lease: Duration.Duration
  /** Jobs of the stage that this process works on at a time. */
  readonly concurrency: number
  /** How long `take` waits at most: signals may be lost, and delays run out silently. */
  readonly poll: Duration.Duration
}

/** One stage's supply of work in one process. */
export interface Feed {
  /**
   * Up to `limit` jobs, claimed for this process, as soon as there is one; none if nothing turned up for a poll interval. Dies on
   * an outage of the database.
   */
  readonly take: (limit: number) => Effect.Effect<ReadonlyArray<ClaimedJob>>
  /** The process is done with a claim, however it ended. Never fails. */
  readonly release: (claim: ClaimedJob) => Effect.Effect<void>
}

/**
 * How a worker comes by owed work. The rows of `jobs` are the only record; a feed knows where to look and when, so whatever
 * it forgets, loses or doubles is found again there.
 */
export class JobFeed extends Context.Service<JobFeed, {
  readonly open: (options: FeedOptions) => Effect.Effect<Feed, never, Scope.Scope>
}>()("@sheaf/adapters/feed/JobFeed") {}
