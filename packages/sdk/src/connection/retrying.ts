import { Effect, Random } from "effect"
import type { SheafError } from "../errors/explained.ts"
import type { Endpoint } from "./Endpoint.ts"

/**
 * Sends a call again that failed for a passing reason, after a random part of a delay that doubles (full jitter). The server
 * says itself when it wants more time. Changes keep their idempotency key, so a repeated one has no second effect.
 */
export const retrying =
  (operation: string, endpoint: Endpoint["Service"]) =>
  <A, E extends SheafError, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const attempt = (failures: number): Effect.Effect<A, E, R> =>
      failures >= endpoint.retries ?
        call :
        Effect.catchIf(call, (error) => error.retryable, (error) =>
          Effect.gen(function*() {
            const jitter = yield* Random.next
            const asked = "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : 0
            const delayMs = Math.round(asked + jitter * Math.min(5_000, 250 * 2 ** failures))
            endpoint.onEvent({ type: "retry", operation, attempt: failures + 1, delayMs, error })
            yield* Effect.sleep(delayMs)
            return yield* attempt(failures + 1)
          }))
    return attempt(0)
  }
