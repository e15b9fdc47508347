import { Duration } from "effect"

/** Attempts that may fail by an event's own fault (a URL whose server is down, a bug of ours) before it is rejected. */
export const maxAttempts = 6

const first = Duration.seconds(5)
const longest = Duration.minutes(5)

/**
 * How long to wait after `attempts` of them: 5 s, 15 s, 45 s and so on up to 5 minutes, so that a server has some ten minutes to come
 * back; between half and all of it (`jitter` from 0 to 1).
 */
export const pauseAfter = (attempts: number, jitter: number): Duration.Duration => {
  const full = Math.min(Duration.toMillis(first) * 3 ** Math.min(attempts - 1, 10), Duration.toMillis(longest))
  return Duration.millis(full * (0.5 + jitter / 2))
}

const firstTurn = Duration.seconds(30)
const lastTurn = Duration.minutes(10)

/**
 * When an event comes again that found no free slot: 30 s, 1 min, 2 min and so on up to 10 minutes, between half and all of it. The longer
 * a tenant's queue, the less the server and we hear of it. `times` counts deliveries from 1.
 */
export const turnAfter = (times: number, jitter: number): Duration.Duration => {
  const full = Math.min(Duration.toMillis(firstTurn) * 2 ** Math.min(times - 1, 10), Duration.toMillis(lastTurn))
  return Duration.millis(full * (0.5 + jitter / 2))
}
