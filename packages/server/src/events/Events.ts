import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { Event } from "@sheaf/domain/events/Event"
import type { CursorExpired } from "@sheaf/domain/events/EventsRpcs"
import type { DatasetId, EventCursor } from "@sheaf/domain/ids"
import { Clock, Context, Effect, Layer, Option, Stream } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { conflated } from "../edge/conflated.ts"

interface Selection {
  readonly after?: EventCursor
  readonly datasetId?: DatasetId
}

/** Events read at a time. */
const page = 200

/** What happened in a tenant, in the order in which it was committed, to whoever may see it. */
export class Events extends Context.Service<Events, {
  /** Ends only with its reader. Events wait in the database, not in memory, for one that is slow. */
  readonly subscribe: (caller: Caller, selection: Selection) => Stream.Stream<Event, CursorExpired | DatasetNotFound>
  /** Waits up to `waitMs` for the first event. `next` is where to go on, whether there were any or not. */
  readonly list: (
    caller: Caller,
    options: Selection & { readonly limit?: number; readonly waitMs?: number }
  ) => Effect.Effect<
    { readonly events: ReadonlyArray<Event>; readonly next: EventCursor },
    CursorExpired | DatasetNotFound
  >
}>()("@sheaf/server/events/Events") {
  static readonly layer = Layer.effect(
    Events,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const repo = yield* EventsRepo
      const signals = yield* Signals

      /** Where to begin, and what to wait for: listening starts before the first read. */
      const open = Effect.fnUntraced(function*(caller: Caller, { after, datasetId }: Selection) {
        if (datasetId !== undefined) yield* datasets.get(caller, { datasetId })
        const numbered = yield* signals.subscribe("EventsNumbered")
        const changed = yield* conflated(Stream.filter(numbered, (signal) => signal.tenantId === caller.tenantId))
        return { changed, begin: after ?? (yield* repo.newest(caller.tenantId)) }
      })

      const read = (caller: Caller, { datasetId }: Selection, cursor: EventCursor, limit: number) =>
        repo.after(caller, { cursor, datasetId, limit })

      const subscribe: Events["Service"]["subscribe"] = (caller, selection) =>
        Stream.unwrap(Effect.gen(function*() {
          const { begin, changed } = yield* open(caller, selection)
          const next = Effect.fnUntraced(function*(cursor: EventCursor) {
            let found = yield* read(caller, selection, cursor, page)
            while (found.events.length === 0) {
              yield* changed
              found = yield* read(caller, selection, found.next, page)
            }
            return [found.events, Option.some(found.next)] as const
          })
          return Stream.paginate(begin, next)
        }))

      const list: Events["Service"]["list"] = Effect.fn("Events.list")(
        function*(caller, { limit = 100, waitMs = 0, ...selection }) {
          const { begin, changed } = yield* open(caller, selection)
          const end = (yield* Clock.currentTimeMillis) + waitMs
          let found = yield* read(caller, selection, begin, limit)
          while (found.events.length === 0) {
            const left = end - (yield* Clock.currentTimeMillis)
            if (left <= 0) break
            yield* Effect.timeoutOption(changed, left)
            found = yield* read(caller, selection, found.next, limit)
          }
          return found
        },
        Effect.scoped
      )

      return Events.of({ subscribe, list })
    })
  )
}
