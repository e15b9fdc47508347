import { Duration } from "effect"

/** How long after each failed attempt the next one comes: all of them take a day, less twenty minutes. */
const waits = ([
  "5 seconds",
  "1 minute",
  "5 minutes",
  "30 minutes",
  "2 hours",
  "5 hours",
  "8 hours",
  "8 hours"
] as const).map((wait) => Duration.toMillis(wait))

/** Attempts of a delivery, the first one included. */
export const maxTries = waits.length + 1

/**
 * The wait after attempt `tries`, from nine to eleven tenths of what the schedule says (`jitter` from 0 to 1), so that what failed together does
 * not come back together; longer where the receiver has asked for it, up to the longest of them.
 */
export const waitAfter = (tries: number, jitter: number, retryAfterMs = 0): Duration.Duration => {
  const wait = waits[Math.min(tries, waits.length) - 1]!
  return Duration.millis(Math.max(wait, Math.min(retryAfterMs, waits.at(-1)!)) * (0.9 + jitter / 5))
}

/** A webhook that nothing got through to for so long, and whose delivery has now been given up, is disabled. */
export const patience = Duration.hours(20)
