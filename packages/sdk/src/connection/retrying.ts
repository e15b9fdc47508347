import { Effect } from "effect"
import { pause } from "./pause.ts"
import type { SheafError } from "../errors/explained.ts"
import type { Endpoint } from "./Endpoint.ts"

/**
 * Sends a call again that failed for a passing reason, as often as the client allows. Changes keep their idempotency key, so a
 * repeated one has no second effect.
 */
export const retrying = <A, E extends SheafError, R>(
  operation: string,
  endpoint: Endpoint,
  call: Effect.Effect<A, E, R>,
  failures = 0
): Effect.Effect<A, E, R> =>
  Effect.catchIf(
    call,
    (error) => error.retryable && failures < endpoint.retries,
    (error) =>
      Effect.andThen(
        pause({ operation, endpoint, error, failures }),
        retrying(operation, endpoint, call, failures + 1)
      )
  )
