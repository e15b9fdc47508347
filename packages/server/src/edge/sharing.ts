import { type Context, Deferred, Effect } from "effect"

interface Line<A> {
  /** Of the question that is put next; `undefined`: nobody has come since the last one was put. */
  next: Deferred.Deferred<A> | undefined
}

/**
 * Lets callers who want to know the same at the same time share one answer. Nobody is given an answer to a question that was put before
 * they came: what was changed before a call begins, the call sees. A burst of calls costs few questions: one at a time, and each waits
 * for all that has come in already. Questions go on when whoever put them goes away. Questions with the same `identity` are the same.
 */
export const sharing = <Key, A>(
  ask: (key: Key) => Effect.Effect<A>,
  identity: (key: Key) => unknown = (key) => key
): Effect.Effect<(key: Key) => Effect.Effect<A>> =>
  Effect.map(Effect.context<never>(), (context) => {
    // Not a part of what the first of them does: it goes on for the others.
    const apart: (context: Context.Context<never>) => Context.Context<never> = () => context
    const lines = new Map<unknown, Line<A>>()
    const serve = (key: Key, line: Line<A>): Effect.Effect<void> =>
      Effect.yieldNow.pipe(
        Effect.flatMap(() => {
          const answer = line.next
          line.next = undefined
          return Effect.map(Effect.exit(ask(key)), (exit) => answer && Deferred.doneUnsafe(answer, exit))
        }),
        Effect.flatMap(() => {
          if (line.next !== undefined) return serve(key, line)
          lines.delete(identity(key))
          return Effect.void
        })
      )
    return (key) =>
      Effect.suspend(() => {
        const known = identity(key)
        const line = lines.get(known)
        if (line !== undefined) {
          line.next ??= Deferred.makeUnsafe<A>()
          return Deferred.await(line.next)
        }
        const answer = Deferred.makeUnsafe<A>()
        const mine: Line<A> = { next: answer }
        lines.set(known, mine)
        return Effect.andThen(Effect.forkDetach(Effect.updateContext(serve(key, mine), apart)), Deferred.await(answer))
      })
  })
