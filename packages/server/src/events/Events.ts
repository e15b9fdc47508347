import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { SnapshotRepo } from "@sheaf/adapters/repos/events/SnapshotRepo"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { Event } from "@sheaf/domain/events/Event"
import type { CursorExpired, SnapshotItem } from "@sheaf/domain/events/EventsRpcs"
import type { DatasetId, EventCursor, PageCursor } from "@sheaf/domain/ids"
import { Clock, Context, Effect, Layer, Option, Result, Stream } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { circleOf } from "../edge/circleOf.ts"
import { pageOr } from "../edge/pageOr.ts"
import { sharing } from "../edge/sharing.ts"
import { makeWakes } from "../edge/wakes.ts"

interface Selection {
  readonly after?: EventCursor
  readonly datasetId?: DatasetId
}

interface Question {
  readonly caller: Caller
  readonly cursor: EventCursor
  readonly datasetId: DatasetId | undefined
  readonly limit: number
}

/** Events read at a time. */
const page = 200

/** What happened in a tenant, in the order in which it was committed, to whoever may see it. */
export class Events extends Context.Service<Events, {
  /**
   * Ends with its reader, and that of one dataset with the event that it was deleted. Events wait in the database, not in memory, for
   * one that is slow.
   */
  readonly subscribe: (caller: Caller, selection: Selection) => Stream.Stream<Event, CursorExpired | DatasetNotFound>
  /** Waits up to `waitMs` for the first event. `next` is where to go on, whether there were any or not. */
  readonly list: (
    caller: Caller,
    options: Selection & { readonly limit?: number; readonly waitMs?: number }
  ) => Effect.Effect<
    { readonly events: ReadonlyArray<Event>; readonly next: EventCursor },
    CursorExpired | DatasetNotFound
  >
  /** How everything stands, for a reader whose cursor is too old. */
  readonly snapshot: (
    caller: Caller,
    options: PageOptions & { readonly datasetId?: DatasetId }
  ) => Effect.Effect<
    { readonly items: ReadonlyArray<SnapshotItem>; readonly next?: PageCursor; readonly cursor: EventCursor },
    DatasetNotFound | BadRequest
  >
}>()("@sheaf/server/events/Events") {
  static readonly layer = Layer.effect(
    Events,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const repo = yield* EventsRepo
      const signals = yield* Signals
      const snapshots = yield* SnapshotRepo
      const numbered = yield* signals.subscribe("EventsNumbered")
      const wakes = yield* makeWakes({
        signals: Stream.map(numbered, ({ tenantId }) => tenantId),
        look: repo.newest
      })

      // Readers who have come to the same place are many, and told of it at the same moment: what they may all see is read once.
      const shared = yield* sharing(
        ({ caller, ...where }: Question) => Effect.result(repo.after(caller, where)),
        ({ caller, cursor, datasetId, limit }) => `${circleOf(caller)} ${cursor} ${datasetId ?? ""} ${limit}`
      )
      const read = (question: Question) => Effect.flatMap(shared(question), Effect.fromResult)

      /** Where to begin, and what to wait for: listening starts before the first read. */
      const open = Effect.fnUntraced(function*(caller: Caller, { after, datasetId }: Selection, limit: number) {
        const changed = yield* wakes(caller.tenantId)
        const cursor = after ?? (yield* repo.newest(caller.tenantId))
        const begin: Question = { caller, cursor, datasetId, limit }
        const first = yield* Effect.result(read(begin))
        // One that is gone or on its way out is still told of to a reader who has not come to its end.
        const known = Result.isSuccess(first) && first.success.events.length > 0
        if (datasetId !== undefined && !known) yield* datasets.get(caller, { datasetId })
        return { begin, changed, first: yield* Effect.fromResult(first) }
      })

      const subscribe: Events["Service"]["subscribe"] = (caller, selection) =>
        Stream.unwrap(Effect.gen(function*() {
          const { begin, changed, first } = yield* open(caller, selection, page)
          const next = Effect.fnUntraced(function*(cursor: EventCursor) {
            let found = cursor === begin.cursor ? first : yield* read({ ...begin, cursor })
            while (found.events.length === 0) {
              yield* changed
              found = yield* read({ ...begin, cursor: found.next })
            }
            return [found.events, Option.some(found.next)] as const
          })
          return Stream.paginate(begin.cursor, next)
        })).pipe(
          Stream.takeUntil(({ body }) => body._tag === "DatasetDeleted" && body.datasetId === selection.datasetId)
        )

      const list: Events["Service"]["list"] = Effect.fn("Events.list")(
        function*(caller, { limit = 100, waitMs = 0, ...selection }) {
          const { begin, changed, first } = yield* open(caller, selection, limit)
          const end = (yield* Clock.currentTimeMillis) + waitMs
          let found = first
          while (found.events.length === 0) {
            const left = end - (yield* Clock.currentTimeMillis)
            if (left <= 0) break
            yield* Effect.timeoutOption(changed, left)
            found = yield* read({ ...begin, cursor: found.next })
          }
          return found
        },
        Effect.scoped
      )

      const snapshot: Events["Service"]["snapshot"] = Effect.fn("Events.snapshot")(function*(caller, options) {
        const { datasetId } = options
        if (datasetId !== undefined) yield* datasets.get(caller, { datasetId })
        const newest = yield* repo.newest(caller.tenantId)
        return yield* pageOr(snapshots.page(caller, newest, options))
      })

      return Events.of({ subscribe, list, snapshot })
    })
  )
}
