import { Duration } from "effect"

const longest = Duration.seconds(30)

/** Doubling from one second to half a minute, between half and all of it (`jitter` from 0 to 1). `times` counts from 1. */
export const doubling = (times: number, jitter: number): Duration.Duration => {
  const full = Math.min(1_000 * 2 ** Math.min(times - 1, 20), Duration.toMillis(longest))
  return Duration.millis(full * (0.5 + jitter / 2))
}
