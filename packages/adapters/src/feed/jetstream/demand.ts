import { cycle as share } from "../laneTurns.ts"

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

export interface Pace {
  /** Jobs of the stage that one process works on at a time. */
  readonly concurrency: number
  /** Hints of the line that were taken per second of late. */
  readonly perSecond: number
  /** Bulk work, while more interactive work is owed than may be hinted at: it gets its share, and no more. */
  readonly behind: boolean
}

/**
 * How many hints may be added to a line. At most `4 × concurrency` are unsettled, counting the jobs that all processes can work on at a
 * time as they show: by working, or by asking. Below that as many wait as will be taken in half a second, and at least one for
 * every hand that is free, and one.
 */
export const roomFor = ({ asking, pending, taken }: Counts, { behind, concurrency, perSecond }: Pace): number => {
  const free = asking * concurrency
  const slots = Math.max(concurrency, taken + free)
  const wanted = Math.max(free + 1, Math.ceil(perSecond * ahead))
  return Math.max(
    0,
    Math.min((behind ? Math.ceil(wanted / share) : wanted) - pending, widest * slots - pending - taken)
  )
}
