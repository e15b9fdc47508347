import { NatsUnusable } from "@sheaf/adapters/nats/errors"
import { eventsStream, eventSubject } from "@sheaf/adapters/nats/exchange"
import { NatsConnection } from "@sheaf/adapters/nats/NatsConnection"
import { declare } from "@sheaf/adapters/nats/streams"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import { type Owed, PublicationsRepo } from "@sheaf/adapters/repos/events/PublicationsRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { Event } from "@sheaf/domain/events/Event"
import { OutcomeEvent, outcomeTokens } from "@sheaf/domain/events/OutcomeEvent"
import { EventCursor, type TenantId } from "@sheaf/domain/ids"
import { Cause, Clock, Duration, Effect, Layer, Queue, Random, Schema, Stream } from "effect"
import { doubling } from "../sources/nats/delays.ts"
import { readerOf } from "./reader.ts"

// Publishes the numbered events of all tenants to SHEAF_EVENTS:
//
//   OutcomePublisher.layer({ holder })      over NatsConnection, Signals and the repositories
//
// Any process may do it, one at a time: whoever holds the lease. Each tenant's events go out in their order, and the place reached is
// stored after the server has taken them; so after a death some go out again, and none is left out. A tenant whose events cannot be read or
// sent is tried again later, and keeps nobody else waiting.

export interface Options {
  /** Names this process in leases. */
  readonly holder: string
  /** Copies of the stream in a cluster of NATS servers. Default 1. */
  readonly replicas?: number
}

const lease = { name: "outcomes", time: Duration.seconds(30) }

/** Events between two times that the place reached is stored: what may go out twice after a death. */
const pageSize = 200

/** Tenants whose events are published at the same time. */
const concurrency = 8

/** Failures one after the other, of different tenants, that cannot be the tenants' own. */
const enough = concurrency

const encode = Schema.encodeSync(Schema.fromJsonString(OutcomeEvent))

const make = Effect.fn("OutcomePublisher.make")(function*({ holder, replicas = 1 }: Options) {
  const events = yield* EventsRepo
  const leases = yield* LeasesRepo
  const nats = yield* NatsConnection
  const publications = yield* PublicationsRepo
  const signals = yield* Signals
  const own = `${holder} ${lease.name}`
  const stream = declare(nats, eventsStream(nats, replicas))
  const { server } = yield* nats.status
  yield* stream.pipe(Effect.mapError(({ message }) => new NatsUnusable({ servers: server, reason: message })))

  const hold = leases.hold(lease.name, own, lease.time)
  yield* Effect.addFinalizer(() => Effect.ignoreCause(leases.releaseAll(own), { log: "Warn" }))

  /** One after the other: an event is not sent before the server has taken the one before it. */
  const publish = (tenant: TenantId, { at, body, cursor }: Event) =>
    nats.use("publish an event", ({ jetstream }) =>
      jetstream.publish(
        eventSubject(nats, tenant, outcomeTokens(body)),
        encode({ version: 1, tenant, cursor, at, body }),
        { msgID: `${tenant}:${cursor}` }
      ))

  const publishPage = Effect.fnUntraced(function*(tenantId: TenantId, published: EventCursor) {
    const page = yield* events.after(readerOf(tenantId), { cursor: published, datasetId: undefined, limit: pageSize })
      .pipe(
        Effect.catchTag("CursorExpired", ({ oldest }) =>
          Effect.as(
            Effect.logWarning(
              `events of tenant ${tenantId} before ${oldest} were forgotten before they were published`
            ),
            { events: [], next: EventCursor.make(String(BigInt(oldest) - 1n)) }
          ))
      )
    yield* Effect.forEach(page.events, (event) => publish(tenantId, event), { discard: true })
    // Somebody else has gone on from there: the lease was lost, and what follows is theirs.
    const isOurs = yield* publications.advance(tenantId, published, page.next)
    return isOurs && page.next !== published ? page.next : undefined
  })

  /** All that a tenant is owed, as long as the lease is held. */
  const publishAll = Effect.fnUntraced(function*({ published, tenantId }: Owed) {
    let next: EventCursor | undefined = published
    while (next !== undefined && (yield* hold)) next = yield* publishPage(tenantId, next)
  })

  /** Tenants whose events could not be published: how often in a row, and until when they are left alone. */
  const failing = new Map<TenantId, { readonly times: number; readonly until: number }>()

  /** One tenant's trouble is not the others'. Where it is, because nothing answers, the round ends. */
  const publishOwed = (round: { failed: number; inRow: number }) => (owed: Owed) =>
    Effect.gen(function*() {
      const { times = 0, until = 0 } = failing.get(owed.tenantId) ?? {}
      if (until > (yield* Clock.currentTimeMillis)) return
      yield* publishAll(owed).pipe(
        Effect.tap(() => Effect.sync(() => (round.inRow = 0, failing.delete(owed.tenantId)))),
        Effect.tapErrorTag("NatsError", () => Effect.ignore(stream)),
        Effect.catchCauseIf((cause) => !Cause.hasInterruptsOnly(cause), (cause) =>
          Effect.gen(function*() {
            const pause = Duration.toMillis(doubling(times + 1, yield* Random.next))
            failing.set(owed.tenantId, { times: times + 1, until: (yield* Clock.currentTimeMillis) + pause })
            round.failed++
            if (++round.inRow >= enough) return yield* Effect.failCause(cause)
            yield* Effect.logWarning(`events of tenant ${owed.tenantId} could not be published`, cause)
          }))
      )
    })

  /** Another process may be able to do what this one cannot. */
  const giveUp = leases.releaseAll(own)

  let failures = 0
  const round = Effect.gen(function*() {
    const { connected } = yield* nats.status
    if (!connected || !(yield* hold)) return
    const state = { failed: 0, inRow: 0 }
    yield* Effect.forEach(yield* publications.owed(1_000), publishOwed(state), { concurrency, discard: true })
    failures = 0
    if (state.failed > 0) yield* giveUp
  }).pipe(
    Effect.catchCauseIf((cause) => !Cause.hasInterruptsOnly(cause), (cause) =>
      Effect.gen(function*() {
        failures++
        yield* Effect.logWarning("events could not be published", cause)
        yield* Effect.ignoreCause(giveUp)
        yield* Effect.sleep(doubling(failures, yield* Random.next))
      }))
  )

  const wake = yield* Queue.sliding<void>(1)
  const numbered = yield* signals.subscribe("EventsNumbered")
  yield* numbered.pipe(Stream.runForEach(() => Queue.offer(wake, undefined)), Effect.forkScoped)
  yield* round.pipe(
    Effect.andThen(Queue.take(wake).pipe(Effect.timeoutOption(Duration.seconds(1)))),
    Effect.forever,
    Effect.forkScoped
  )
})

export const layer = (
  options: Options
): Layer.Layer<
  never,
  NatsUnusable,
  EventsRepo | LeasesRepo | NatsConnection | PublicationsRepo | Signals
> => Layer.effectDiscard(make(options))
