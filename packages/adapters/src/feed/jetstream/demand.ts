/** What the server says of a line's consumer. */
export interface Counts {
  /** Hints that wait. */
  readonly pending: number
  /** Hints that somebody has: a job is being worked on, or about to be. */
  readonly taken: number
  /** Processes that have hands free and ask for hints. */
  readonly asking: number
}

/** Hints at most, in multiples of the jobs that can be worked on at a time. */
const widest = 4

/** A newcomer waits for the hints before it: so there are no more than are taken in this time. */
const ahead = 0.5

/**
 * How many hints may be added to a line. At most `4 × concurrency` are unsettled, counting the jobs that all processes can work on at a
 * time as they show: by working, or by asking. Below that as many wait as will be taken in half a second, and at least one for
 * every hand that is free, and one.
 *
 * @param concurrency jobs of the stage that one process works on at a time
 * @param perSecond hints that were taken per second of late
 */
export const roomFor = ({ asking, pending, taken }: Counts, concurrency: number, perSecond: number): number => {
  const free = asking * concurrency
  const slots = Math.max(concurrency, taken + free)
  const wanted = Math.max(free + 1, Math.ceil(perSecond * ahead))
  return Math.max(0, Math.min(wanted - pending, widest * slots - pending - taken))
}
