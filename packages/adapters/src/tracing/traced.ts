import { Effect, References } from "effect"

/**
 * A span around an effect, where somebody collects spans; nothing at all where nobody does. For what runs thousands of times a second:
 * `Effect.fn` keeps a stack for each call, and changes what its fiber has at hand, whether there is a span or not.
 */
export const traced =
  (name: string, attributes?: Readonly<Record<string, unknown>>) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(
      References.TracerEnabled,
      (enabled) => enabled ? Effect.withSpan(effect, name, { ...(attributes && { attributes }) }) : effect
    )
