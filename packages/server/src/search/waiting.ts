import { LagRepo } from "@sheaf/adapters/repos/search/LagRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { decodeIndexToken } from "@sheaf/domain/documents/indexToken"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { SearchRequest } from "@sheaf/domain/search/Search"
import { Duration, Effect, Queue, Stream } from "effect"

/** How long a search waits at most, if the request does not say. */
const patience = Duration.seconds(10)

/** A signal can be lost: so it looks again by itself, too. */
const poll = Duration.millis(500)

/** Waits until the index has followed the changes that a request names. Answers `false` if it had not within the time. */
export const makeWait = Effect.gen(function*() {
  const lag = yield* LagRepo
  const signals = yield* Signals

  return Effect.fn("Search.wait")(function*(caller: Caller, { waitFor = "", waitMs }: SearchRequest) {
    const marks = decodeIndexToken(waitFor)
    if (marks.length === 0) return true
    const documents = new Set<string>(marks.map(({ documentId }) => documentId.toLowerCase()))
    const followed = Effect.scoped(Effect.gen(function*() {
      const synced = yield* signals.subscribe("IndexSynced")
      const stirred = yield* Queue.sliding<void>(1)
      yield* synced.pipe(
        Stream.filter(({ documentId, tenantId }) => tenantId === caller.tenantId && documents.has(documentId)),
        Stream.runForEach(() => Queue.offer(stirred, undefined)),
        Effect.forkScoped
      )
      while (yield* lag.isBehind(caller, marks)) yield* Effect.timeoutOption(Queue.take(stirred), poll)
      return true
    }))
    return yield* followed.pipe(
      Effect.timeoutOrElse({
        duration: waitMs === undefined ? patience : Duration.millis(waitMs),
        orElse: () => Effect.succeed(false)
      })
    )
  })
})
