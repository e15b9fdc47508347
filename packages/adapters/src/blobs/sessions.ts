import { Deferred, Effect } from "effect"
import { type BlobKey, BlobStoreError, StageOffsetMismatch } from "./BlobStore.ts"

/** Whoever works on a blob in the making. */
export interface Session {
  readonly work: "stage" | "commit"
  /** Where the bytes that it has taken will end. */
  claimed: number
  readonly takenOver: Deferred.Deferred<void>
  readonly left: Deferred.Deferred<void>
}

/**
 * Who works on which blob in the making, within one process: there is never more than one. A client that comes back is let in where
 * its own stalled connection stands, which is then ended.
 */
export const makeSessions = () => {
  const sessions = new Map<BlobKey, Session>()

  /** Runs `work` as the only one on this key. `admit` decides about whoever is there: null waits for its end. */
  const alone = <A, E, R, E2>(
    key: BlobKey,
    begin: { readonly work: Session["work"]; readonly offset: number },
    admit: (active: Session) => E2 | null,
    work: (session: Session) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | E2, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        for (let active = sessions.get(key); active !== undefined; active = sessions.get(key)) {
          const refusal = admit(active)
          if (refusal !== null) return yield* Effect.fail(refusal)
          yield* restore(Deferred.await(active.left))
        }
        const session: Session = {
          work: begin.work,
          claimed: begin.offset,
          takenOver: Deferred.makeUnsafe(),
          left: Deferred.makeUnsafe()
        }
        sessions.set(key, session)
        return yield* restore(work(session)).pipe(
          Effect.ensuring(Effect.suspend(() => {
            sessions.delete(key)
            return Deferred.succeed(session.left, undefined)
          }))
        )
      })
    )

  /** To add bytes at `offset`: takes over from whoever stands there, and is refused anywhere else. */
  const stage = <A, E, R>(key: BlobKey, offset: number, work: (session: Session) => Effect.Effect<A, E, R>) =>
    alone(key, { work: "stage", offset }, (active) => {
      if (active.work === "commit") return null
      if (active.claimed !== offset) return new StageOffsetMismatch({ offset: active.claimed })
      Deferred.doneUnsafe(active.takenOver, Effect.void)
      return null
    }, work)

  /** Refused while bytes are coming in. */
  const commit = <A, E, R>(key: BlobKey, work: Effect.Effect<A, E, R>) =>
    alone(key, { work: "commit", offset: 0 }, (active) =>
      active.work === "commit"
        ? null
        : new BlobStoreError({
          operation: "commit",
          isRetryable: true,
          cause: new Error("bytes are still coming in")
        }), () => work)

  /** Ends all work on keys for which `concerns` holds. */
  const evict = (concerns: (key: BlobKey) => boolean): Effect.Effect<void> =>
    Effect.suspend(() => {
      const active = [...sessions].filter(([key]) => concerns(key)).map(([, session]) => session)
      for (const session of active) Deferred.doneUnsafe(session.takenOver, Effect.void)
      return Effect.forEach(active, (session) => Deferred.await(session.left), { discard: true })
    })

  return { stage, commit, evict }
}
