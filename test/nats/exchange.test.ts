import { assert, it } from "@effect/vitest"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { Signals } from "@sheaf/adapters/signals/Signals"
import type { DocumentId, RunId, TenantId } from "@sheaf/domain/ids"
import { Deferred, Effect, Fiber, Layer, Queue, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "../support/database/Database.ts"
import { freePort } from "../support/freePort.ts"
import * as NatsServer from "../support/backends/NatsServer.ts"
import * as PostgresServer from "../support/backends/PostgresServer.ts"
import { makeDataset, makeTenant } from "../repos/world.ts"
import { connect, listen, manager, numberEvents, publish, until, worker } from "./support/exchange.ts"
import { census, live, over } from "./support/world.ts"

/** A database server and a NATS server of this test's own, both of which it may stop, and a tenant. */
const withServers = <A, E, R>(
  body: (servers: {
    readonly nats: NatsServer.NatsServer
    readonly postgres: Effect.Success<ReturnType<typeof PostgresServer.start>>
  }) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const postgres = yield* PostgresServer.start(yield* Database.postgresTemplate)
    const nats = yield* NatsServer.start()
    const database = Postgres.layer({ url: postgres.url("postgres") })
    return yield* Effect.provide(body({ nats, postgres }), over(database))
  }).pipe(live)

const makeWorld = Effect.gen(function*() {
  const { caller, tenantId } = yield* makeTenant
  const datasetId = yield* makeDataset(caller)
  const event = (id: string, fields: Record<string, unknown> = {}) => ({
    version: 1,
    eventId: id,
    dataset: { id: datasetId },
    name: `${id}.md`,
    content: { text: `text of ${id}` },
    ...fields
  })
  return { tenantId, datasetId, event, subject: `sheaf.ingest.${tenantId}` }
})

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

/** Verdicts by event until there is one for each of so many. */
const verdictsOf = Effect.fnUntraced(function*(
  heard: Queue.Queue<{ readonly subject: string; readonly json: Record<string, unknown> }>,
  count: number
) {
  const verdicts = new Map<string, Set<string>>()
  while (verdicts.size < count) {
    const { json, subject } = yield* Queue.take(heard)
    const [, , , area, id = ""] = subject.split(".")
    if (area !== "ingest") continue
    assert.strictEqual(json["eventId"], id)
    const known = verdicts.get(id) ?? new Set()
    verdicts.set(id, known.add(JSON.stringify(json["outcome"])))
  }
  return verdicts
})

const allDecided = (tenantId: TenantId, count: number) =>
  until(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ decided: number }>`select count(*)::int as decided from ingest_events
      where tenant_id = ${tenantId} and state <> 'trying'`
    return row!.decided >= count
  }))

/** Nothing waits in the ingest stream any more, nor is it out with anybody. */
const drained = (url: string) =>
  Effect.gen(function*() {
    const streams = yield* manager(yield* connect(url))
    yield* until(Effect.map(
      Effect.promise(() => streams.consumers.info("SHEAF_INGEST", "ingest")),
      (info) => info.num_pending + info.num_ack_pending === 0
    ))
  }).pipe(Effect.scoped)

it.effect(
  "takes 1,000 events, with duplicates and poison among them, in two processes: each once, none blocked",
  () =>
    withServers(({ nats }) =>
      Effect.gen(function*() {
        const { event, subject, tenantId } = yield* makeWorld
        const publisher = yield* connect(nats.url)
        yield* Effect.scoped(Layer.build(worker(nats, "declares the streams")))
        const heard = yield* listen(publisher, `sheaf.events.${tenantId}.>`)
        const names = ids("e", 1_000)
        const dead = `http://127.0.0.1:${yield* freePort}/`
        for (const [index, id] of names.entries()) {
          yield* publish(publisher, subject, event(id))
          if (index % 10 === 0) yield* publish(publisher, subject, event(id))
          if (index % 50 === 0) yield* publish(publisher, subject, `{ "poison": ${index}`)
          if (index % 100 === 0) {
            yield* publish(publisher, subject, event(`u-${id}`, { content: { url: dead } }))
          }
        }
        yield* Layer.build(Layer.merge(worker(nats, "one"), worker(nats, "two")))
        // Ten events wait for a server that is down; twenty were poison.
        const verdicts = yield* verdictsOf(heard, 1_020)
        for (const answers of verdicts.values()) {
          assert.strictEqual(answers.size, 1)
        }
        assert.strictEqual([...verdicts.keys()].filter((id) => id.startsWith("unnamed-")).length, 20)
        assert.includeMembers([...verdicts.keys()], names)
        assert.deepStrictEqual(yield* census(tenantId), {
          documents: 1_000,
          runs: 1_000,
          jobs: 1_000,
          events: 1_000,
          audited: 1_000,
          blobs: 1_000
        })

        // And out again, in the order of their numbers.
        yield* numberEvents
        let last = 0
        while (last < 1_000) {
          const { json, subject } = yield* Queue.take(heard)
          if (!subject.includes(".documents.")) continue
          assert.strictEqual(json["cursor"], String(++last))
          assert.match(subject, /^sheaf\.events\.[0-9a-f-]{36}\.documents\.[0-9a-f-]{36}\.[0-9a-f-]{36}\.accepted$/)
        }
      })
    ),
  120_000
)

it.effect(
  "answers the same when it died between the commit and the acknowledgement",
  () =>
    withServers(({ nats }) =>
      Effect.gen(function*() {
        const { event, subject, tenantId } = yield* makeWorld
        const publisher = yield* connect(nats.url)
        yield* Effect.scoped(Layer.build(worker(nats, "declares the streams")))
        const heard = yield* listen(publisher, `sheaf.events.${tenantId}.ingest.>`)
        const streams = yield* manager(publisher)
        // A verdict cannot be published while its stream is gone: that is where this worker is stopped, after the commit.
        yield* Effect.promise(() => streams.streams.delete("SHEAF_EVENTS"))
        const first = yield* Effect.gen(function*() {
          const fiber = yield* Effect.forkChild(
            Effect.scoped(Effect.andThen(Layer.build(worker(nats, "dies")), Effect.never))
          )
          yield* until(
            Effect.promise(() => streams.consumers.info("SHEAF_INGEST", "ingest").then(() => true, () => false))
          )
          yield* Effect.promise(() => streams.streams.delete("SHEAF_EVENTS").catch(() => false))
          yield* publish(publisher, subject, event("once", { ifSame: "new" }))
          yield* allDecided(tenantId, 1)
          return fiber
        })
        yield* Fiber.interrupt(first)
        const { documents } = yield* census(tenantId)
        assert.strictEqual(documents, 1)
        yield* Layer.build(worker(nats, "comes after"))
        const verdicts = yield* verdictsOf(heard, 1)
        const [answers] = verdicts.values()
        assert.strictEqual(answers!.size, 1)
        assert.include([...answers!][0]!, "\"Accepted\"")
        yield* drained(nats.url)
        assert.include(yield* census(tenantId), { documents: 1, runs: 1, audited: 1, blobs: 1 })
      })
    ),
  60_000
)

it.effect(
  "loses nothing when NATS or the database goes down in the middle",
  () =>
    withServers(({ nats, postgres }) =>
      Effect.gen(function*() {
        const { event, subject, tenantId } = yield* makeWorld
        const publisher = yield* connect(nats.url)
        yield* Layer.build(Layer.merge(worker(nats, "one"), worker(nats, "two")))
        const names = ids("e", 300)
        // A publisher that makes sure: what was not confirmed is sent again, under the same id.
        const send = (id: string) =>
          Effect.tryPromise(() => publisher.request(subject, JSON.stringify(event(id)), { timeout: 1_000 })).pipe(
            Effect.filterOrFail((answer) => "seq" in answer.json<object>(), () => "refused"),
            // A server that is starting refuses at once.
            Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 600 })
          )
        const sent = yield* Deferred.make<void>()
        yield* Effect.forEach(
          names,
          (id, index) => Effect.andThen(send(id), index === 100 ? Deferred.succeed(sent, undefined) : Effect.void),
          { discard: true }
        )
          .pipe(
            Effect.forkChild
          )
        yield* Deferred.await(sent)
        yield* nats.kill
        yield* nats.restart
        yield* postgres.crash
        yield* Effect.sleep("500 millis")
        yield* postgres.restart
        yield* allDecided(tenantId, names.length)
        yield* drained(nats.url)
        // Bytes whose transaction was torn may stay behind, seen by nobody; all else is exact.
        assert.include(yield* census(tenantId), { documents: 300, runs: 300, jobs: 300, events: 300, audited: 300 })
        // Each verdict is in the stream, whoever heard it when.
        const streams = yield* manager(publisher)
        const { state } = yield* Effect.promise(() =>
          streams.streams.info("SHEAF_EVENTS", { subjects_filter: `sheaf.events.${tenantId}.ingest.>` })
        )
        assert.lengthOf(Object.keys(state.subjects ?? {}), 300)
      })
    ),
  180_000
)

it.effect(
  "publishes events in order, goes on where it stopped, and outlives its stream",
  () =>
    withServers(({ nats }) =>
      Effect.gen(function*() {
        const { event, subject, tenantId } = yield* makeWorld
        const publisher = yield* connect(nats.url)
        const listener = yield* connect(nats.url)
        const heard = yield* listen(listener, `sheaf.events.${tenantId}.documents.>`)
        const cursors: Array<number> = []
        const hear = (count: number) =>
          Effect.gen(function*() {
            while (cursors.length < count) {
              const { json } = yield* Queue.take(heard)
              const cursor = Number(json["cursor"])
              // Twice is allowed, out of order is not.
              if (cursor > (cursors.at(-1) ?? 0)) cursors.push(cursor)
            }
          })
        const ingest = Effect.fnUntraced(function*(prefix: string, count: number, total: number) {
          for (const id of ids(prefix, count)) yield* publish(publisher, subject, event(id))
          yield* allDecided(tenantId, total)
          yield* numberEvents
        })
        yield* Effect.scoped(Effect.gen(function*() {
          yield* Layer.build(worker(nats, "first"))
          yield* ingest("a", 20, 20)
          yield* hear(20)
        }))
        // Numbered while nobody publishes, and across a restart of the server.
        yield* Effect.scoped(Effect.gen(function*() {
          yield* Layer.build(worker(nats, "second"))
          yield* ingest("b", 20, 40)
          yield* hear(40)
          yield* nats.kill
          yield* nats.restart
          yield* until(Effect.promise(() => publisher.rtt().then(() => true, () => false)))
          yield* until(Effect.promise(() => listener.rtt().then(() => true, () => false)))
          yield* ingest("c", 20, 60)
          yield* hear(60)
          const streams = yield* manager(publisher)
          yield* Effect.promise(() => streams.streams.delete("SHEAF_EVENTS"))
          yield* ingest("d", 20, 80)
          yield* hear(80)
        }))
        assert.deepStrictEqual(cursors, Array.from({ length: 80 }, (_, index) => index + 1))
      })
    ),
  120_000
)

it.effect(
  "makes its stream again when somebody has deleted it, and says how the work stands",
  () =>
    withServers(({ nats }) =>
      Effect.gen(function*() {
        const { event, subject, tenantId } = yield* makeWorld
        const signals = yield* Signals
        const publisher = yield* connect(nats.url)
        yield* Layer.build(worker(nats, "only"))
        const streams = yield* manager(publisher)
        yield* publish(publisher, subject, event("before"))
        yield* allDecided(tenantId, 1)
        yield* Effect.promise(() => streams.streams.delete("SHEAF_INGEST"))
        yield* until(Effect.promise(() =>
          publisher.request(subject, JSON.stringify(event("after")), { timeout: 500 }).then(
            (answer) => "seq" in answer.json<object>(),
            () => false
          )
        ))
        yield* allDecided(tenantId, 2)

        const heard = yield* listen(publisher, `sheaf.progress.${tenantId}.>`)
        const sql = yield* SqlClient.SqlClient
        const [run] = yield* sql<{ id: RunId; documentId: DocumentId }>`select id, document_id from runs
        where tenant_id = ${tenantId} limit 1`
        const { documentId, id: runId } = run!
        for (let change = 0; change < 100; change++) {
          yield* signals.send({ _tag: "RunChanged", tenantId, documentId, runId })
        }
        const { json, subject: where } = yield* Queue.take(heard)
        assert.isTrue(where.endsWith(`.${documentId}`))
        assert.deepInclude(json, { documentId, runId, state: "queued" })
        // A hundred changes in a row are one message or two.
        assert.isAtMost((yield* Queue.clear(heard)).length, 1)
      })
    ),
  60_000
)
