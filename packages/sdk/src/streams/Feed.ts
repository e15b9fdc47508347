import type { Effect, Scope } from "effect"

/**
 * The inside of a stream: opened by each reader for itself, it gives batches of items to whoever asks, and `undefined` when
 * there are no more. Both clients are made of these; the one for promises does without `Stream`, which pages need not load.
 */
export type Feed<A, E> = Effect.Effect<Effect.Effect<ReadonlyArray<A> | undefined, E>, never, Scope.Scope>
