import { assert, it } from "@effect/vitest"
import { hintStream } from "@sheaf/adapters/feed/jetstream/hints"
import type { Feed } from "@sheaf/adapters/feed/JobFeed"
import { type Clients, NatsConnection } from "@sheaf/adapters/nats/NatsConnection"
import { declare } from "@sheaf/adapters/nats/streams"
import type { JobId } from "@sheaf/domain/ids"
import { Effect, Fiber, type Layer, Schedule, type Scope, Tracer } from "effect"
import { SqlClient } from "effect/sql"
import { live, open, owe, settle, stage, start, work } from "../contracts/jobFeed.ts"
import { makeTenant } from "../repos/world.ts"
import * as Database from "../support/database/Database.ts"
import * as NatsServer from "../support/backends/NatsServer.ts"
import { natsProcess, Server } from "../support/backends/natsProcess.ts"

const postgres = Database.engines.find(({ name }) => name === "PostgreSQL")!

type Process = Layer.Success<typeof natsProcess> | SqlClient.SqlClient

const stream = "SHEAF_JOBS"
const consumer = `${stage}-interactive`
const subject = `sheaf.jobs.${stage}.interactive`

const manage = <A>(call: (clients: Clients) => Promise<A>) =>
  Effect.flatMap(NatsConnection, (nats) => Effect.orDie(nats.use("test", call)))

const counts = Effect.map(
  manage(({ manager }) => manager.consumers.info(stream, consumer)),
  ({ num_ack_pending: taken, num_pending: pending }) => ({ pending, taken })
)

const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, holds: (value: A) => boolean) =>
  Effect.repeat(look, { until: holds, schedule: Schedule.spaced("50 millis") })

const connected = (wanted: boolean) =>
  Effect.flatMap(NatsConnection, (nats) => eventually(nats.status, (status) => status.connected === wanted))

/** Works until so many jobs are done, some milliseconds each, and counts how often each was. */
const workSlowly = (feed: Feed, count: number, done: Map<JobId, number>) =>
  Effect.gen(function*() {
    while (done.size < count) {
      const claims = yield* feed.take(4)
      yield* Effect.forEach(claims, (claim) =>
        Effect.gen(function*() {
          yield* Effect.sleep("5 millis")
          yield* settle(feed, claim)
          done.set(claim.id, (done.get(claim.id) ?? 0) + 1)
        }), { concurrency: "unbounded", discard: true })
    }
  })

/** Until so many are done, or the workers have failed. */
const reached = <E>(workers: Fiber.Fiber<unknown, E>, done: ReadonlyMap<JobId, number>, part: number) =>
  Effect.raceFirst(
    eventually(Effect.sync(() => done.size), (size) => size >= part),
    Fiber.join(workers)
  )

const onlyOnce = (ids: ReadonlyArray<JobId>, done: ReadonlyMap<JobId, number>) => {
  assert.deepStrictEqual(new Set(done.keys()), new Set(ids))
  assert.isTrue([...done.values()].every((times) => times === 1))
}

it.layer(postgres.layer, { timeout: "120 seconds" })("JobFeed over JetStream", (it) => {
  /** A test with a NATS server of its own, two processes and two feeds at work. */
  const test = <E>(
    title: string,
    body: (world: {
      readonly server: NatsServer.NatsServer
      readonly feeds: readonly [Feed, Feed]
    }) => Effect.Effect<void, E, Process | Scope.Scope | SqlClient.SqlClient | Server>,
    options: NatsServer.Options = {}
  ) =>
    it.effect(title, () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`delete from jobs`
        const server = yield* NatsServer.start(options)
        const scene = Effect.gen(function*() {
          const [one, other] = [yield* start(natsProcess), yield* start(natsProcess)]
          const feeds = [yield* open(one), yield* open(other)] as const
          yield* Effect.provide(body({ server, feeds }), one)
        })
        yield* Effect.provideService(scene, Server, server)
      }).pipe(live), 60_000)

  const disasters: ReadonlyArray<readonly [string, (clients: Clients) => Promise<unknown>]> = [
    ["purged", ({ manager }) => manager.streams.purge(stream)],
    ["deleted", ({ manager }) => manager.streams.delete(stream)],
    ["robbed of its consumer", ({ manager }) => manager.consumers.delete(stream, consumer)]
  ]
  for (const [name, disaster] of disasters) {
    test(`the stream is ${name} while jobs run`, ({ feeds }) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const ids = yield* owe(caller, 200)
        const done = new Map<JobId, number>()
        const workers = yield* Effect.forkChild(
          Effect.forEach(feeds, (feed) => workSlowly(feed, ids.length, done), { concurrency: 2 })
        )
        for (const part of [40, 100]) {
          yield* reached(workers, done, part)
          yield* manage(disaster)
        }
        yield* Fiber.join(workers)
        onlyOnce(ids, done)
      }))

    test(`the stream is ${name} while nobody works`, ({ feeds }) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const ids = yield* owe(caller, 3)
        yield* eventually(counts, ({ pending }) => pending > 0)
        yield* manage(disaster)
        const begin = performance.now()
        const done = yield* work(feeds[0], ids.length)
        assert.deepStrictEqual(new Set(done.map(({ id }) => id)), new Set(ids))
        assert.isAtMost(performance.now() - begin, 8_000)
      }))
  }

  test("no hint gets through, and work is done all the same", ({ feeds: [feed] }) =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const ids = yield* owe(caller, 40)
      const refused = yield* Effect.flip(
        Effect.flatMap(NatsConnection, (nats) =>
          nats.use("test", ({ jetstream }) => jetstream.publish(subject, "x")).pipe(Effect.forever))
      )
      assert.include(refused.message, "insufficient")
      const begin = performance.now()
      const done = yield* work(feed, ids.length)
      assert.deepStrictEqual(
        new Set(done.map(({ id }) =>
          id
        )),
        new Set(ids)
      )
      assert.isAtMost(performance.now() - begin, 10_000)
    }), { config: "jetstream { max_file_store: 1 }" })

  test("nats-server is killed and comes back while jobs run", ({ feeds, server }) =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const ids = yield* owe(caller, 300)
      const done = new Map<JobId, number>()
      const workers = yield* Effect.forkChild(
        Effect.forEach(feeds, (feed) => workSlowly(feed, ids.length, done), { concurrency: 2 })
      )
      yield* reached(workers, done, 50)
      yield* server.kill
      yield* connected(false)
      // Work goes on from the database.
      yield* reached(workers, done, 120)
      yield* server.restart
      yield* connected(true)
      yield* reached(workers, done, 180)
      yield* server.kill
      yield* server.restart
      yield* Fiber.join(workers)
      onlyOnce(ids, done)
      // And the queue is at work again.
      yield* connected(true)
      const more = yield* owe(caller, 5)
      yield* eventually(counts, ({ pending }) => pending > 0)
      assert.lengthOf(yield* work(feeds[0], more.length), more.length)
      // Hints at what was done meanwhile go when somebody looks at them.
      yield* eventually(Effect.andThen(feeds[0].take(4), counts), ({ pending, taken }) => pending + taken === 0)
    }))

  test("the stream stays short: the backlog waits in the database", ({ feeds: [feed] }) =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      yield* owe(caller, 1_000)
      yield* Effect.sleep("1500 millis")
      let most = (yield* counts).pending
      const watch = yield* eventually(counts, ({ pending, taken }) => {
        most = Math.max(most, pending + taken)
        return false
      }).pipe(Effect.forkChild)
      yield* work(feed, 300)
      yield* Fiber.interrupt(watch)
      // Four times the four jobs that each of the two processes can work on.
      assert.isAtMost(most, 4 * 4 * 2)
    }))

  test("hints that are doubled, malformed or about nothing do no harm", ({ feeds: [feed] }) =>
    Effect.gen(function*() {
      const { caller, tenantId } = yield* makeTenant
      const ids = yield* owe(caller, 5)
      const nonsense = ["", "{}", "not json", JSON.stringify({ tenantId, jobId: "x", epoch: 0 })]
      const doubles = [...ids, caller.keyId].map((jobId) => JSON.stringify({ tenantId, jobId, epoch: 0 }))
      for (const text of [...nonsense, ...doubles, ...nonsense, ...doubles]) {
        yield* manage(({ jetstream }) => jetstream.publish(subject, text))
      }
      const done = yield* work(feed, ids.length)
      assert.deepStrictEqual(new Set(done.map(({ id }) => id)), new Set(ids))
      assert.deepStrictEqual(yield* feed.take(4), [])
      assert.deepStrictEqual(yield* counts, { pending: 0, taken: 0 })
    }))

  test("another process relays when the one that did is gone", ({ feeds: [feed] }) =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const sql = yield* SqlClient.SqlClient
      // Somebody who will not renew the lease, as after a kill.
      yield* eventually(
        sql`update leases set holder = 'gone', expires_at = now() + interval '3 seconds' where name = 'hints' returning 1`,
        (rows) => rows.length > 0
      )
      // By then the one that had it knows.
      yield* Effect.sleep("1500 millis")
      const ids = yield* owe(caller, 5)
      const begin = performance.now()
      yield* work(feed, ids.length)
      assert.isAtMost(performance.now() - begin, 7_000)
    }))

  test("a job that is worked on keeps its hint, and gives it up when it is done", ({ feeds: [feed] }) =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      yield* owe(caller, 1).pipe(
        Effect.withSpan("upload"),
        // As with a tracer whose spans are collected.
        Effect.provideService(Tracer.Tracer, Tracer.make({ span: (options) => new Tracer.NativeSpan(options) }))
      )
      const [claim] = yield* Effect.repeat(feed.take(1), { until: (claims) => claims.length > 0 })
      assert.deepStrictEqual(yield* counts, { pending: 0, taken: 1 })
      assert.match(claim!.trace!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
      yield* settle(feed, claim!)
      yield* eventually(counts, ({ pending, taken }) => pending + taken === 0)
    }))

  test("an older configuration of the stream becomes ours; one that cannot is made anew", ({ feeds: [feed] }) =>
    Effect.gen(function*() {
      const nats = yield* NatsConnection
      const wanted = hintStream(nats, 1)
      const { caller } = yield* makeTenant
      yield* manage(async ({ manager }) => {
        await manager.streams.update(stream, { max_age: 600_000_000_000, max_msg_size: 1_000 })
        await manager.consumers.update(stream, consumer, { ack_wait: 5_000_000_000 })
      })
      yield* declare(nats, wanted)
      const [{ config }, info] = yield* manage(({ manager }) =>
        Promise.all([manager.streams.info(stream), manager.consumers.info(stream, consumer)])
      )
      assert.strictEqual(config.max_age, wanted.config.max_age)
      assert.strictEqual(config.max_msg_size, wanted.config.max_msg_size)
      assert.strictEqual(info.config.ack_wait, 10_000_000_000)

      yield* manage(async ({ manager }) => {
        await manager.streams.delete(stream)
        await manager.streams.add({ name: stream, subjects: ["sheaf.jobs.>"], storage: "memory" as never })
      })
      yield* declare(nats, wanted)
      const again = yield* manage(({ manager }) => manager.streams.info(stream))
      assert.strictEqual(again.config.retention, "workqueue")
      assert.strictEqual(again.config.storage, "file")
      yield* owe(caller, 3)
      yield* work(feed, 3)
    }))
})
