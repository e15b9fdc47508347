import { Clock, Duration, Effect } from "effect"

/** Somebody who waits for the end of a longer work looks so often. */
const pause = Duration.millis(100)

/** Looks again until what is found is the one that is waited for, or `waitMs` have passed: answers what was found last. */
export const lookUntil = Effect.fnUntraced(function*<A, E, R>(
  find: Effect.Effect<A, E, R>,
  { isEnough, waitMs = 0 }: { readonly isEnough: (found: A) => boolean; readonly waitMs?: number | undefined }
): Effect.fn.Return<A, E, R> {
  const end = (yield* Clock.currentTimeMillis) + waitMs
  let found = yield* find
  while (!isEnough(found) && (yield* Clock.currentTimeMillis) < end) {
    yield* Effect.sleep(pause)
    found = yield* find
  }
  return found
})
