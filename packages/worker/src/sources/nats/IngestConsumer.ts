import { NatsUnusable } from "@sheaf/adapters/nats/errors"
import { eventsStream, eventSubject, ingestAckWait, ingestStream } from "@sheaf/adapters/nats/exchange"
import { type Delivery, ingestDeliveries } from "@sheaf/adapters/nats/ingestDeliveries"
import { NatsConnection } from "@sheaf/adapters/nats/NatsConnection"
import { declare } from "@sheaf/adapters/nats/streams"
import { IngestVerdict } from "@sheaf/domain/ingest/IngestVerdict"
import { Duration, Effect, FiberSet, Layer, Metric, Queue, Random, Schema, Stream } from "effect"
import { Headers, HttpTraceContext } from "effect/http"
import { Undecided } from "../ingest/endings.ts"
import { IngestEvents } from "../ingest/IngestEvents.ts"
import { doubling } from "./delays.ts"
import { isReceipt } from "./isReceipt.ts"

// Takes events from SHEAF_INGEST, in any number of processes:
//
//   IngestConsumer.layer({ concurrency: 16 })      over NatsConnection and IngestEvents
//
// An event is acknowledged when its verdict is committed and published. Whatever dies before that, the event comes again.

export interface Options {
  /** Events that this process works on at the same time. Default 16. */
  readonly concurrency?: number
  /** Copies of the streams in a cluster of NATS servers. Default 1. */
  readonly replicas?: number
}

/** More than an attempt may take. What hangs longer hangs outside of it, where no attempt can be noted. */
const patience = Duration.minutes(20)

const encode = Schema.encodeSync(Schema.fromJsonString(IngestVerdict))

const decided = Metric.counter("sheaf_ingest_events_total", {
  description: "Events of other services by outcome (accepted, rejected, put off).",
  incremental: true
})
const count = (outcome: string) => Metric.update(Metric.withAttributes(decided, { outcome }), 1)

const make = Effect.fn("IngestConsumer.make")(function*({ concurrency = 16, replicas = 1 }: Options) {
  const ingest = yield* IngestEvents
  const nats = yield* NatsConnection
  const streams = Effect.forEach(
    [eventsStream(nats, replicas), ingestStream(nats, replicas)],
    (spec) => declare(nats, spec),
    { discard: true }
  )
  const { server } = yield* nats.status
  yield* streams.pipe(Effect.mapError(({ message }) => new NatsUnusable({ servers: server, reason: message })))

  /** Events at work; whether something that all events need did not answer, and how often we have waited for it, or for NATS. */
  const state = { busy: 0, isOut: false, waits: 0 }
  const freed = yield* Queue.sliding<void>(1)

  const publish = Effect.fnUntraced(function*(verdict: IngestVerdict) {
    const { at, eventId, outcome, tenant } = verdict
    const word = outcome._tag === "Accepted" ? "accepted" : "rejected"
    const subject = eventSubject(nats, tenant, ["ingest", eventId, word])
    const msgID = `${tenant}:${eventId}:${word}:${at.getTime()}`
    yield* nats.use("publish a verdict", ({ jetstream }) => jetstream.publish(subject, encode(verdict), { msgID }))
    yield* count(word)
    if (outcome._tag === "Accepted") return
    yield* Effect.logInfo(`rejected ingest event ${eventId} of ${tenant}: ${outcome.reason._tag}`)
  })

  /** Gives an event back to the server. The server may be gone: then it misses us, and the event comes again all the same. */
  const putOff = Effect.fnUntraced(function*(delivery: Delivery, reason: string, after?: Duration.Duration) {
    const delay = after ?? doubling(delivery.times, yield* Random.next)
    yield* Effect.logDebug(`ingest event put off for ${Duration.format(delay)}: ${reason}`)
    yield* count("put off")
    yield* delivery.nak(delay)
  })

  const work = (delivery: Delivery) =>
    ingest.take(delivery).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => new Undecided({ reason: "it hung", isOutage: false, after: undefined })
      }),
      Effect.tap(() => Effect.sync(() => state.isOut = false)),
      Effect.flatMap(publish),
      Effect.andThen(delivery.ack),
      Effect.catchTags({
        Undecided: ({ after, isOutage, reason }) => {
          if (isOutage) state.isOut = true
          const said = isOutage && state.waits === 0
            ? Effect.logWarning(`ingest events wait: ${reason}`)
            : Effect.void
          return Effect.andThen(said, putOff(delivery, reason, after))
        },
        NatsError: (error) => putOff(delivery, error.message)
      }),
      Effect.catchCause((cause) =>
        Effect.andThen(Effect.logError("an ingest event could not be worked on", cause), putOff(delivery, "a bug"))
      ),
      Effect.raceFirst(stillAlive(delivery)),
      Effect.onInterrupt(() => delivery.nak(Duration.zero)),
      Effect.withSpan("IngestConsumer.work", { kind: "consumer", ...parentOf(delivery) })
    )

  const run = yield* FiberSet.makeRuntime<never>()
  const begin = (delivery: Delivery) => {
    state.busy++
    const done = Effect.sync(() => {
      state.busy--
      Queue.offerUnsafe(freed, undefined)
    })
    run(Effect.ensuring(isReceipt(delivery.bytes) ? delivery.ack : work(delivery), done))
  }

  const wait = Effect.gen(function*() {
    state.waits++
    yield* Effect.sleep(doubling(state.waits, yield* Random.next))
  })

  /** As many events as there are hands free, again and again; while something is out, one at a time, and more and more seldom. */
  const rounds = Effect.gen(function*() {
    yield* nats.changes.pipe(Stream.filter(({ connected }) => connected), Stream.take(1), Stream.runDrain)
    const ask = yield* ingestDeliveries(nats)
    while ((yield* nats.status).connected) {
      while (state.busy >= concurrency) yield* Queue.take(freed)
      yield* ask(state.isOut ? 1 : concurrency - state.busy, begin)
      if (state.isOut) yield* wait
      else state.waits = 0
    }
  })

  yield* rounds.pipe(
    // A stream that was deleted is made again: what was in it is the publishers' to send once more. Not at once: nats-server 2.9 may still
    // be taking the old one down, and a consumer that is made meanwhile never delivers anything.
    Effect.catch((error) =>
      Effect.logWarning(`cannot take ingest events: ${error.message}`).pipe(
        Effect.andThen(wait),
        Effect.andThen(Effect.ignore(streams))
      )
    ),
    Effect.forever,
    Effect.forkScoped
  )
})

/** Tells the server again and again that somebody is at it. Never ends by itself. */
const stillAlive = (delivery: Delivery): Effect.Effect<never> =>
  delivery.working.pipe(
    Effect.delay(Duration.divideUnsafe(ingestAckWait, 3)),
    Effect.forever
  )

/** The span of the publisher, where there is one. */
const parentOf = ({ traceparent }: Delivery) => {
  const span = HttpTraceContext.w3c(Headers.fromInput(traceparent === undefined ? {} : { traceparent }))
  return span._tag === "Some" ? { parent: span.value } : {}
}

export const layer = (options: Options = {}): Layer.Layer<never, NatsUnusable, IngestEvents | NatsConnection> =>
  Layer.effectDiscard(make(options))
