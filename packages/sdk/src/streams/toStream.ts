import { Array as Arr, Cause, Effect, Stream } from "effect"
import type { Feed } from "./Feed.ts"

export const toStream = <A, E>(feed: Feed<A, E>): Stream.Stream<A, E> =>
  Stream.fromPull(Effect.map(feed, pulling)).pipe(Stream.scoped)

const pulling = <A, E>(next: Effect.Effect<ReadonlyArray<A> | undefined, E>) => {
  const pull: Effect.Effect<Arr.NonEmptyReadonlyArray<A>, E | Cause.Done<void>> = Effect.flatMap(next, (items) => {
    if (items === undefined) return Cause.done()
    return Arr.isReadonlyArrayNonEmpty(items) ? Effect.succeed(items) : pull
  })
  return pull
}

/** The operations of an area as Effect programs know them: feeds are streams. */
export type Streamed<Area> = {
  readonly [Key in keyof Area]: Area[Key] extends (...args: infer Args) => Feed<infer A, infer E>
    ? (...args: Args) => Stream.Stream<A, E>
    : Area[Key]
}

export const streaming =
  <Args extends ReadonlyArray<unknown>, A, E>(open: (...args: Args) => Feed<A, E>) =>
  (...args: Args): Stream.Stream<A, E> => toStream(open(...args))
