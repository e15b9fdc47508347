import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { MailsRepo } from "@sheaf/adapters/repos/notifications/MailsRepo"
import { SubscriptionsRepo } from "@sheaf/adapters/repos/notifications/SubscriptionsRepo"
import { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { DeliveriesRepo } from "@sheaf/adapters/repos/webhooks/DeliveriesRepo"
import { FollowedEventsRepo, type Unfollowed } from "@sheaf/adapters/repos/webhooks/FollowedEventsRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { Event } from "@sheaf/domain/events/Event"
import { EventCursor, type TenantId } from "@sheaf/domain/ids"
import { Cause, Duration, Effect, Layer, Queue, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { readerOf } from "../outcomes/reader.ts"
import { deliveriesOf } from "./deliveriesOf.ts"
import { isMailed, newsOf, subjectsOf } from "./newsOf.ts"

// Goes through the numbered events of all tenants and makes rows of what somebody is to be told. Any process may do it, one at a time: whoever
// holds the lease. The place reached moves in the transaction of what was made, so each event is looked at once; and an event is there only
// when what it tells of is durable (docs/decisions/notifications.md).

/** Events that are looked through in one transaction: with twenty webhooks that all want them, 2,000 rows. */
const page = 100

const lease = { name: "notifications", time: Duration.seconds(30) }

const make = Effect.fn("follower.make")(function*(holder: string) {
  const deliveries = yield* DeliveriesRepo
  const events = yield* EventsRepo
  const followed = yield* FollowedEventsRepo
  const leases = yield* LeasesRepo
  const mails = yield* MailsRepo
  const subscriptions = yield* SubscriptionsRepo
  const signals = yield* Signals
  const part = transact(yield* SqlClient.SqlClient)
  const hold = leases.hold(lease.name, holder, lease.time)

  const newsFor = Effect.fnUntraced(function*(tenantId: TenantId, found: ReadonlyArray<Event>) {
    const mailed = found.filter(isMailed)
    if (mailed.length === 0) return []
    const readers = yield* subscriptions.readers(tenantId)
    return newsOf(tenantId, mailed, readers, yield* mails.known(tenantId, subjectsOf(mailed)))
  })

  const followPage = Effect.fnUntraced(function*(tenantId: TenantId, from: EventCursor) {
    const { events: found, next } = yield* events.after(readerOf(tenantId), {
      cursor: from,
      datasetId: undefined,
      limit: page
    }).pipe(
      // Nobody followed for thirty days.
      Effect.catchTag(
        "CursorExpired",
        ({ oldest }) => Effect.succeed({ events: [], next: EventCursor.make(String(BigInt(oldest) - 1n)) })
      )
    )
    const listeners = found.length === 0 ? [] : yield* followed.listeners(tenantId)
    const made = found.flatMap((event) => deliveriesOf(tenantId, listeners, event))
    const news = yield* newsFor(tenantId, found)
    const isOurs = yield* part(Effect.gen(function*() {
      // Somebody else has gone on from there: what follows is theirs.
      if (!(yield* followed.advance(tenantId, from, next))) return false
      yield* deliveries.make(tenantId, made)
      yield* mails.gather(tenantId, news)
      return true
    }))
    return isOurs && next !== from ? next : undefined
  })

  /** All of a tenant, as long as the lease is held. One tenant's trouble is not the others'. */
  const follow = ({ followed: from, tenantId }: Unfollowed) =>
    Effect.gen(function*() {
      let next: EventCursor | undefined = from
      do next = yield* followPage(tenantId, next)
      while (next !== undefined && (yield* hold))
    }).pipe(
      Effect.catchCauseIf(
        (cause) => !Cause.hasInterruptsOnly(cause),
        (cause) => Effect.logWarning(`events of tenant ${tenantId} could not be followed`, cause)
      )
    )

  const round = Effect.gen(function*() {
    if (!(yield* hold)) return
    yield* Effect.forEach(yield* followed.owed(1_000), follow, { discard: true })
  }).pipe(
    Effect.catchCauseIf(
      (cause) => !Cause.hasInterruptsOnly(cause),
      (cause) => Effect.logWarning("events could not be followed", cause)
    )
  )

  const wake = yield* Queue.sliding<void>(1)
  const numbered = yield* signals.subscribe("EventsNumbered")
  yield* numbered.pipe(Stream.runForEach(() => Queue.offer(wake, undefined)), Effect.forkScoped)
  yield* round.pipe(
    Effect.andThen(Queue.take(wake).pipe(Effect.timeoutOption(Duration.seconds(2)))),
    Effect.forever,
    Effect.forkScoped
  )
})

/** Tells whoever wants to know of events. */
export const layer = ({ holder }: { readonly holder: string }) => Layer.effectDiscard(make(holder))
