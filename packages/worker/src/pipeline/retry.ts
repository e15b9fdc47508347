import type { Job } from "@sheaf/domain/jobs/Job"
import { Duration } from "effect"

/** Attempts that may fail by the job's own fault before the run fails. */
export const maxAttempts = 4

/** Workers that may die or stall with a job before it is given up: then it is probably the job that kills them. */
export const maxLosses = 20

const first = Duration.seconds(1)
const longest = Duration.minutes(1)

/**
 * How long to wait before attempt `attempts + 1`: doubling from one second to one minute, between half and all of it (`jitter`
 * from 0 to 1), so that jobs that failed together do not come back together.
 */
export const backoff = (attempts: number, jitter: number): Duration.Duration => {
  const full = Math.min(Duration.toMillis(first) * 2 ** Math.min(attempts, 20), Duration.toMillis(longest))
  return Duration.millis(full * (0.5 + jitter / 2))
}

/**
 * Deletions and operations are promised to end, the index to follow, and deliveries and mails count for themselves: these jobs are never given up, as
 * nobody would retry them by hand.
 */
export const isPromised = (job: Job): boolean =>
  job._tag === "ApplyEnablement" || job._tag === "PurgeRun" || job._tag === "PurgeDocument" ||
  job._tag === "PurgeDataset" || job._tag === "PurgeTenant" ||
  job._tag === "Reconcile" || job._tag === "RebuildSpace" ||
  job._tag === "RunBulk" || job._tag === "SyncSource" || job._tag === "ImportRows" ||
  job._tag === "AcceptAttachments" || job._tag === "Deliver" || job._tag === "SendMail"
