import { Effect } from "effect"
import type { SheafError } from "../errors/explained.ts"
import type { Endpoint } from "./Endpoint.ts"

/**
 * The time to wait before something is tried again: a random part of a delay that doubles up to 5 seconds (full jitter), on top
 * of what the server asked for.
 */
export const pause = ({ endpoint, error, failures, operation }: {
  readonly operation: string
  readonly endpoint: Endpoint
  readonly error: SheafError
  /** How often it failed before this time. */
  readonly failures: number
}): Effect.Effect<void> =>
  Effect.suspend(() => {
    const asked = "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : 0
    const delayMs = Math.round(asked + Math.random() * Math.min(5_000, 250 * 2 ** failures))
    endpoint.onEvent({ type: "retry", operation, attempt: failures + 1, delayMs, error })
    return Effect.sleep(delayMs)
  })
