import type { NatsConnection } from "@nats-io/transport-node"
import * as NatsModule from "@nats-io/transport-node"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import * as Nats from "@sheaf/adapters/nats/NatsConnection"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import * as NatsInterface from "@sheaf/worker/sources/nats/NatsInterface"
import { Duration, Effect, Layer, Queue, Schedule } from "effect"
import type * as NatsServer from "../../support/backends/NatsServer.ts"
import { live, maxBytes, onRealTime } from "./world.ts"

/** Another service's connection, with plain client code. */
export const connect = Effect.fnUntraced(function*(url: string, options: NatsModule.ConnectionOptions = {}) {
  return yield* Effect.acquireRelease(
    Effect.promise(() =>
      NatsModule.connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100, ...options })
    ),
    (connection) => Effect.promise(() => connection.close())
  )
})

/** Messages of a subject, as JSON, from now on. */
export const listen = Effect.fnUntraced(function*(connection: NatsConnection, subject: string) {
  const heard = yield* Queue.unbounded<{ readonly subject: string; readonly json: Record<string, unknown> }>()
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null) {
        Queue.offerUnsafe(heard, { subject: message.subject, json: message.json<Record<string, unknown>>() })
      }
    }
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => subscription.unsubscribe()))
  yield* Effect.promise(() => connection.flush())
  return heard
})

/** Publishes to the stream and waits until the server has it. */
export const publish = (connection: NatsConnection, subject: string, payload: unknown) =>
  Effect.promise(() =>
    jetstream(connection).publish(subject, typeof payload === "string" ? payload : JSON.stringify(payload))
  )

export const manager = (connection: NatsConnection) => Effect.promise(() => jetstreamManager(connection))

/** A worker process's part, on its own connection. */
export const worker = (server: NatsServer.NatsServer, holder: string, url = server.url) =>
  NatsInterface.layer({ holder, maxBytes, concurrency: 8, fetch: { allow: ["127.0.0.1"] } }).pipe(
    Layer.provide(Nats.layer({ servers: [url] })),
    Layer.provide(onRealTime)
  )

/** Numbers what is committed, as the chore of a worker does. */
export const numberEvents = Effect.flatMap(EventsRepo, (events) => events.number(1_000))

/** Looks again and again, on real time, until it is so. */
export const until = <E, R>(look: Effect.Effect<boolean, E, R>) =>
  look.pipe(
    Effect.repeat({ until: (is) => is, schedule: Schedule.spaced(Duration.millis(50)) }),
    live
  )
