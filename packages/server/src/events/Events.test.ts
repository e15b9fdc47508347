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

  it.effect("a snapshot and what is read after its cursor are all that there is", () =>
    Effect.gen(function*() {
      const { create, keys, number } = yield* setting
      const ingest = (datasetId: string, name: string) =>
        TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name, text: name })
      const [one, two] = [yield* create("one"), yield* create("two")]
      for (const name of ["a", "b", "c"]) yield* ingest(one.id, name)
      const gone = yield* ingest(two.id, "gone")
      yield* TestServer.ok(keys.write, "DocumentsDelete", { documentId: gone.documentId })
      yield* number
      const items: Array<{ readonly _tag: string; readonly name: string; readonly status?: string }> = []
      let page = yield* TestServer.ok(keys.read, "EventsSnapshot", { limit: 2 })
      const { cursor } = page
      // Comes too late for the snapshot or not: it is told of in any case.
      yield* ingest(two.id, "late")
      yield* number
      for (;;) {
        items.push(...page.items)
        assert.strictEqual(page.cursor, cursor)
        if (page.next === undefined) break
        page = yield* TestServer.ok(keys.read, "EventsSnapshot", { limit: 2, cursor: page.next })
      }
      const seen = items.map(({ _tag, name }) => `${_tag} ${name}`).filter((name) => name !== "Document late")
      assert.deepStrictEqual(seen.toSorted(), ["Dataset one", "Dataset two", "Document a", "Document b", "Document c"])
      assert.strictEqual(items.find(({ name }) => name === "a")?.status, "queuing")
      const { events } = yield* TestServer.ok(keys.read, "EventsList", { after: cursor })
      assert.deepStrictEqual(names(events), ["DocumentAccepted"])

      const only = yield* TestServer.ok(keys.read, "EventsSnapshot", { datasetId: two.id })
      assert.deepStrictEqual(only.items.map(({ name }: { readonly name: string }) => name), ["two"])
      const stranger = yield* TestServer.makeTenant
      const theirs = yield* TestServer.ok(stranger.keys.read, "EventsSnapshot", {})
      const rest = yield* TestServer.ok(stranger.keys.read, "EventsSnapshot", { cursor: theirs.next })
      assert.deepStrictEqual([theirs.items, rest.items], [[], []])
      const foreign = { datasetId: two.id }
      assert.strictEqual(
        (yield* TestServer.refusal(stranger.keys.read, "EventsSnapshot", foreign)).tag,
        "DatasetNotFound"
      )
      assert.strictEqual((yield* TestServer.refusal(keys.read, "EventsSnapshot", { cursor: "x" })).tag, "BadRequest")
    }))

  it.effect("of a dataset end with its deletion, also for a reader who asks only afterwards", () =>
    Effect.gen(function*() {
      const { client, create, keys, number, tenantId } = yield* setting
      const repo = yield* EventsRepo
      const sql = yield* SqlClient.SqlClient
      const { id: datasetId } = yield* create("mine")
      yield* create("other")
      yield* number
      const watching = yield* client.EventsSubscribe({ after: EventCursor.make("0"), datasetId }).pipe(
        Stream.runCollect,
        TestServer.as(keys.read),
        Effect.forkChild
      )
      yield* TestServer.ok(keys.write, "DatasetsDelete", { datasetId })
      // What the job does that purges it.
      yield* sql.withTransaction(Effect.andThen(
        repo.append(tenantId, { _tag: "DatasetDeleted", datasetId, removed: {} }),
        sql`delete from datasets where id = ${datasetId}`
      ))
      yield* number
      assert.deepStrictEqual(names(yield* Fiber.join(watching)), ["mine", "DatasetDeleted"])
      const { events, next } = yield* TestServer.ok(keys.read, "EventsList", { after: "1", datasetId })
      assert.deepStrictEqual(names(events), ["DatasetDeleted"])
      const refused = yield* TestServer.refusal(keys.read, "EventsList", { after: next, datasetId })
      assert.strictEqual(refused.tag, "DatasetNotFound")
      const stranger = yield* TestServer.makeTenant
      const foreign = yield* TestServer.refusal(stranger.keys.read, "EventsList", { after: "0", datasetId })
      assert.strictEqual(foreign.tag, "DatasetNotFound")
    }))

  it.effect("reach many readers at the same place", () =>
    Effect.gen(function*() {
      const { client, create, keys, number } = yield* setting
      yield* create("first")
      yield* number
      const ready = yield* Queue.unbounded<void>()
      const readers = yield* Effect.forEach(Array.from({ length: 30 }, (_, at) => at), (at) =>
        client.EventsSubscribe({ after: EventCursor.make("0") }).pipe(
          Stream.tap(() =>
            Queue.offer(ready, undefined)
          ),
          Stream.take(3),
          Stream.runCollect,
          TestServer.as(at % 2 === 0 ? keys.read : keys.admin),
          Effect.forkChild
        ))
      yield* Queue.takeN(ready, 30)
      yield* create("second")
      yield* number
      yield* create("third")
      yield* number
      for (const reader of readers) {
        assert.deepStrictEqual(names(yield* Fiber.join(reader)), ["first", "second", "third"])
      }
    }))
})
