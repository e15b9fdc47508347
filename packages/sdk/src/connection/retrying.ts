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
): Effect.Effect<A, E, R> => call.pipe(Effect.catch((error) => again(operation, endpoint, call, error, failures)))

/** What is done about a call that failed: it is sent again, after a pause, where that is allowed and can help. */
export const again = <A, E extends SheafError, R>(
  operation: string,
  endpoint: Endpoint,
  call: Effect.Effect<A, E, R>,
  error: E,
  failures = 0
): Effect.Effect<A, E, R> =>
  error.retryable && failures < endpoint.retries
    ? Effect.andThen(
      pause({ operation, endpoint, error, failures }),
      retrying(operation, endpoint, call, failures + 1)
    )
    : Effect.fail(error)
