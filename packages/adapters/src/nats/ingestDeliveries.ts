import type { ConsumerMessages, JsMsg } from "@nats-io/jetstream"
import { Duration, Effect, Stream } from "effect"
import { ingestConsumer, ingestStreamOf, tenantOfSubject } from "./exchange.ts"
import type { NatsConnection } from "./NatsConnection.ts"

/** An event that the server holds for us until we settle it. None of these waits or fails: a lost settlement means a repetition. */
export interface Delivery {
  /** As the subject says. */
  readonly tenant: string
  readonly bytes: Uint8Array
  /** How often it was delivered, this time included. */
  readonly times: number
  /** W3C trace context of the publisher, where it sent one. */
  readonly traceparent: string | undefined
  /** Done with it, for good. */
  readonly ack: Effect.Effect<void>
  /** For somebody else, after a delay. */
  readonly nak: (delay: Duration.Duration) => Effect.Effect<void>
  /** Still at it. */
  readonly working: Effect.Effect<void>
}

/** How long one question stays open. */
const patience = Duration.seconds(10)

const deliveryOf = (message: JsMsg): Delivery => ({
  tenant: tenantOfSubject(message.subject),
  bytes: message.data,
  times: message.info.deliveryCount,
  traceparent: message.headers?.get("traceparent") || undefined,
  ack: Effect.sync(() => message.ack()),
  nak: (delay) => Effect.sync(() => message.nak(Duration.toMillis(delay))),
  working: Effect.sync(() => message.working())
})

/** Hands every message on as it comes, until the server has said that there is no more to the question. */
const collect = async (messages: ConsumerMessages, begin: (delivery: Delivery) => void): Promise<void> => {
  for await (const message of messages) begin(deliveryOf(message))
}

/**
 * Finds the consumer and answers with a way to ask it: for at most so many events, each handed to `begin` as it comes. A question ends
 * with that number, after ten seconds, or with the connection.
 */
export const ingestDeliveries = Effect.fnUntraced(function*(nats: NatsConnection["Service"]) {
  const consumer = yield* nats.use(
    "find the ingest consumer",
    ({ jetstream }) => jetstream.consumers.get(ingestStreamOf(nats), ingestConsumer)
  )
  const disconnected = nats.changes.pipe(
    Stream.filter(({ connected }) => !connected),
    Stream.take(1),
    Stream.runDrain
  )
  return Effect.fnUntraced(function*(most: number, begin: (delivery: Delivery) => void) {
    const messages = yield* nats.use(
      "ask for ingest events",
      () => consumer.fetch({ max_messages: most, expires: Duration.toMillis(patience) })
    )
    yield* nats.use("take ingest events", () => collect(messages, begin)).pipe(
      Effect.raceFirst(disconnected),
      Effect.timeoutOption(Duration.times(patience, 2)),
      Effect.ensuring(Effect.promise(() => messages.close().then(() => {}, () => {})))
    )
  })
})
