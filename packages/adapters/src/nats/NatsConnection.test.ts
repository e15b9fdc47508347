import { assert, it } from "@effect/vitest"
import { Clock, Effect, Layer, Redacted, Stream } from "effect"
import * as NatsServer from "../../../../test/support/backends/NatsServer.ts"
import * as Nats from "./NatsConnection.ts"
import { NatsConnection } from "./NatsConnection.ts"

const live = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** The reason why these options cannot be used, as an operator reads it. */
const refusal = (options: Nats.Options) =>
  Layer.build(Nats.layer({ connectTimeout: "1 second", ...options })).pipe(
    Effect.flip,
    Effect.map((error) => error.message),
    Effect.scoped,
    live
  )

const connected = (connected: boolean) =>
  Effect.flatMap(
    NatsConnection,
    (nats) =>
      nats.changes.pipe(Stream.filter((status) => status.connected === connected), Stream.take(1), Stream.runDrain)
  )

it.effect("connects, and comes back after the server was killed", () =>
  Effect.gen(function*() {
    const server = yield* NatsServer.start()
    const test = Effect.gen(function*() {
      const nats = yield* NatsConnection
      assert.strictEqual(nats.subject("jobs", "ParsePages"), "demo.jobs.ParsePages")
      assert.strictEqual(nats.stream("jobs"), "DEMO_JOBS")
      const streams = nats.use("count streams", ({ manager }) => manager.getAccountInfo())
      assert.strictEqual((yield* streams).streams, 0)

      yield* server.kill
      yield* connected(false)
      const error = yield* Effect.flip(nats.use("count streams", ({ manager }) => manager.getAccountInfo()))
      assert.isTrue(error.isRetryable)

      yield* server.restart
      yield* connected(true)
      assert.strictEqual((yield* streams).streams, 0)
      assert.deepStrictEqual(yield* nats.status, {
        connected: true,
        server: `127.0.0.1:${server.port}`,
        reconnects: 1
      })
    })
    yield* Effect.provide(test, Nats.layer({ servers: [server.url], prefix: "demo" }))
  }).pipe(live), 30_000)

it.effect("says what is wrong at the start, and no secret", () =>
  Effect.gen(function*() {
    const secret = "c0rrect-h0rse"
    const credentials = { _tag: "UserPassword", user: "ada", password: Redacted.make(secret) } as const
    const locked = yield* NatsServer.start({ config: `authorization { user: ada, password: other }` })
    const plain = yield* NatsServer.start({ jetstream: false })
    const dead = yield* NatsServer.start()
    yield* dead.kill

    const messages = {
      wrongPassword: yield* refusal({ servers: [locked.url], credentials }),
      inUrl: yield* refusal({ servers: [locked.url.replace("//", `//ada:${secret}@`)] }),
      none: yield* refusal({ servers: [locked.url] }),
      noJetStream: yield* refusal({ servers: [plain.url] }),
      dead: yield* refusal({ servers: [dead.url] }),
      malformed: yield* refusal({ servers: [`http://ada:${secret}@host`] }),
      creds: yield* refusal({ servers: [plain.url], credentials: { _tag: "Creds", creds: Redacted.make(secret) } }),
      prefix: yield* refusal({ servers: [plain.url], prefix: "Sheaf.*" })
    }
    assert.include(messages.wrongPassword, "Authorization Violation")
    assert.include(messages.inUrl, "Authorization Violation")
    assert.include(messages.none, "Authorization Violation")
    assert.include(messages.noJetStream, "JetStream is not enabled")
    assert.include(messages.dead, "ECONNREFUSED")
    assert.include(messages.malformed, "nats://host:port")
    assert.include(messages.creds, "credentials")
    assert.include(messages.prefix, "prefix")
    assert.notInclude(JSON.stringify(messages), secret)
  }).pipe(live), 30_000)

it.effect("takes user and password from a URL", () =>
  Effect.gen(function*() {
    const server = yield* NatsServer.start({ config: `authorization { user: ada, password: "p@ss" }` })
    const url = server.url.replace("//", "//ada:p%40ss@")
    const status = Effect.flatMap(NatsConnection, (nats) => nats.status)
    assert.isTrue((yield* Effect.provide(status, Nats.layer({ servers: [url] }))).connected)
  }).pipe(live), 30_000)
