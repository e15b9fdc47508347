import { Effect } from "effect"
import type { Endpoint } from "../connection/Endpoint.ts"
import { pause } from "../connection/pause.ts"
import type { SheafError } from "../errors/explained.ts"

/** What a long wait remembers over its attempts. */
export interface Standing {
  /** Set once the server has answered: from then on a lost connection is waited for, however long it takes. */
  established: boolean
  failures: number
}

/**
 * Runs `step` again when it fails for a passing reason, with growing pauses of at most 5 seconds. Before the first answer it
 * gives up as soon as any call does, so that a server that is not there is said to be not there.
 */
export const persistent = <A, E extends SheafError, R>(
  step: Effect.Effect<A, E, R>,
  options: { readonly operation: string; readonly endpoint: Endpoint; readonly standing: Standing }
): Effect.Effect<A, E, R> => {
  const { endpoint, operation, standing } = options
  return Effect.catchIf(
    step,
    (error) => error.retryable && (standing.established || standing.failures < endpoint.retries),
    (error) => {
      const failures = standing.failures++
      return Effect.andThen(pause({ operation, endpoint, error, failures }), persistent(step, options))
    }
  )
}
