import { assert, it } from "@effect/vitest"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import type { Event } from "@sheaf/domain/events/Event"
import { EventCursor } from "@sheaf/domain/ids"
import { Effect, Fiber, Queue, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Events", (it) => {
  const setting = Effect.gen(function*() {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const events = yield* EventsRepo
    const create = (name: string) => TestServer.ok(keys.write, "DatasetsCreate", { name })
    return { keys, tenantId, create, number: events.number(1_000), client: yield* TestServer.connect }
  })

  const names = (events: Iterable<Event>) =>
    Array.from(events, ({ body }) => body._tag === "DatasetCreated" ? body.name : body._tag)

  it.effect("are told as they are numbered, and from any cursor on", () =>
    Effect.gen(function*() {
      const { client, create, keys, number } = yield* setting
      yield* create("before")
      yield* number
      const heard = yield* Queue.unbounded<Event>()
      const listen = (after?: string) =>
        client.EventsSubscribe(after === undefined ? {} : { after: EventCursor.make(after) }).pipe(
          Stream.runForEach((event) => Queue.offer(heard, event)),
          TestServer.as(keys.read),
          Effect.forkChild
        )
      const replayed = yield* listen("0")
      const first = yield* Queue.take(heard)
      assert.deepStrictEqual(names([first]), ["before"])
      yield* create("after")
      yield* number
      const second = yield* Queue.take(heard)
      assert.deepStrictEqual(names([second]), ["after"])
      yield* Fiber.interrupt(replayed)
      const resumed = yield* listen(first.cursor)
      assert.deepStrictEqual(yield* Queue.take(heard), second)
      yield* Fiber.interrupt(resumed)
    }))

  it.effect("can be asked for, and waited for, without a stream", () =>
    Effect.gen(function*() {
      const { create, keys, number } = yield* setting
      const none = yield* TestServer.ok(keys.read, "EventsList", { after: "0" })
      assert.deepStrictEqual(none, { events: [], next: "0" })
      const waiting = yield* Effect.forkChild(TestServer.ok(keys.read, "EventsList", { after: "0", waitMs: 20_000 }))
      yield* create("one")
      yield* number
      const { events, next } = yield* Fiber.join(waiting)
      assert.deepStrictEqual([names(events), next], [["one"], "1"])
      yield* create("two")
      yield* create("three")
      yield* number
      const page = yield* TestServer.ok(keys.read, "EventsList", { after: next, limit: 1 })
      assert.deepStrictEqual([names(page.events), page.next], [["two"], "2"])
      assert.deepStrictEqual(yield* TestServer.ok(keys.read, "EventsList", {}), { events: [], next: "3" })
      const timedOut = yield* TestServer.ok(keys.read, "EventsList", { waitMs: 100 })
      assert.deepStrictEqual(timedOut.events, [])
    }))

  it.effect("of one dataset can be picked, and the cursor still moves past the others", () =>
    Effect.gen(function*() {
      const { create, keys, number } = yield* setting
      const { id: datasetId } = yield* create("mine")
      yield* create("other")
      yield* number
      const { events, next } = yield* TestServer.ok(keys.read, "EventsList", { after: "0", datasetId })
      assert.deepStrictEqual([names(events), next], [["mine"], "2"])
    }))

  it.effect("that are no longer kept are said to be gone", () =>
    Effect.gen(function*() {
      const { client, create, keys, number, tenantId } = yield* setting
      yield* create("old")
      yield* number
      yield* create("new")
      yield* number
      const sql = yield* SqlClient.SqlClient
      const repo = yield* EventsRepo
      yield* sql`update events set created_at = now() - interval '31 days' where tenant_id = ${tenantId} and number = 1`
      yield* repo.expire
      const { json, status } = yield* TestServer.rpc(keys.read, "EventsList", { after: "0" })
      assert.deepStrictEqual([status, json.error.data.tag, json.error.data.oldest, json.error.data.newest], [
        410,
        "CursorExpired",
        "2",
        "2"
      ])
      const stream = client.EventsSubscribe({ after: EventCursor.make("0") }).pipe(Stream.runDrain, Effect.flip)
      assert.strictEqual((yield* stream.pipe(TestServer.as(keys.read)))._tag, "CursorExpired")
    }))
})
