import { Deferred, Effect, Exit, type Scope } from "effect"

interface Line<A> {
  /** For those who came while a question was under way: the next answer is theirs. `undefined`: nobody. */
  next: Deferred.Deferred<A> | undefined
}

/**
 * Lets callers who want to know the same at the same time share one answer. Nobody is given an answer to a question that was put before
 * they came: what was changed before a call begins, the call sees. So a burst of calls costs two questions, one under way and one next.
 * Questions go on when whoever put them goes away.
 */
export const sharing = <Key, A>(
  ask: (key: Key) => Effect.Effect<A>
): Effect.Effect<(key: Key) => Effect.Effect<A>, never, Scope.Scope> =>
  Effect.map(Effect.all([Effect.scope, Effect.context<never>()]), ([scope, context]) => {
    const lines = new Map<Key, Line<A>>()
    const put = (key: Key, line: Line<A>, answer: Deferred.Deferred<A>): Effect.Effect<void> =>
      ask(key).pipe(
        Effect.exit,
        Effect.flatMap((exit) => {
          const next = line.next
          line.next = undefined
          Deferred.doneUnsafe(answer, Exit.isSuccess(exit) ? Effect.succeed(exit.value) : Effect.failCause(exit.cause))
          if (next !== undefined) return put(key, line, next)
          lines.delete(key)
          return Effect.void
        })
      )
    return (key) =>
      Effect.suspend(() => {
        const line = lines.get(key)
        if (line !== undefined) {
          line.next ??= Deferred.makeUnsafe<A>()
          return Deferred.await(line.next)
        }
        const answer = Deferred.makeUnsafe<A>()
        const mine: Line<A> = { next: undefined }
        lines.set(key, mine)
        return Effect.andThen(
          // Not a part of what the first of them does: it may go on for the others.
          Effect.forkIn(Effect.updateContext(put(key, mine, answer), () => context), scope, { startImmediately: true }),
          Deferred.await(answer)
        )
      })
  })
