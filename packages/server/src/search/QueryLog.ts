import { QueryLogRepo } from "@sheaf/adapters/repos/search/QueryLogRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { Context, Effect, Layer, Queue } from "effect"

type Entry = Parameters<QueryLogRepo["Service"]["append"]>[1]

/** Entries that may wait for a busy database before the newest are left out. */
const room = 1_024

/** Logs searches without keeping anybody waiting. An entry may be lost, an answer never. */
export class QueryLog extends Context.Service<QueryLog, {
  readonly offer: (caller: Caller, entry: Entry) => Effect.Effect<void>
}>()("@sheaf/server/search/QueryLog") {
  static readonly layer = Layer.effect(
    QueryLog,
    Effect.gen(function*() {
      const repo = yield* QueryLogRepo
      const waiting = yield* Queue.dropping<readonly [Caller, Entry]>(room)
      yield* Queue.take(waiting).pipe(
        Effect.flatMap(([caller, entry]) => repo.append(caller, entry)),
        Effect.catchCause((cause) => Effect.logWarning("a search could not be logged", cause)),
        Effect.forever,
        Effect.forkScoped
      )
      return QueryLog.of({ offer: (caller, entry) => Effect.asVoid(Queue.offer(waiting, [caller, entry])) })
    })
  )
}
