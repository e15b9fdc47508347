import { assert, describe, it } from "@effect/vitest"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, EventCursor, type TenantId } from "@sheaf/domain/ids"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeTenant } from "./world.ts"

const start = EventCursor.make("0")
const all = { cursor: start, datasetId: undefined, limit: 100 }

const append = Effect.fnUntraced(function*(tenantId: TenantId, name: string) {
  const events = yield* EventsRepo
  const datasetId = yield* newId(DatasetId)
  yield* events.append(tenantId, { _tag: "DatasetCreated", datasetId, name })
})

const after = (caller: Caller, options: typeof all) =>
  Effect.flatMap(EventsRepo, (events) => Effect.map(events.after(caller, options), (page) => page.events))

const names = (found: ReadonlyArray<{ readonly body: { readonly _tag: string } }>) =>
  found.map(({ body }) => "name" in body ? body.name : body._tag)

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`EventsRepo on ${name}`, (it) => {
    it.effect("shows events only once they are numbered, in order, from any cursor", () =>
      Effect.gen(function*() {
        const events = yield* EventsRepo
        const { caller, tenantId } = yield* makeTenant
        yield* append(tenantId, "one")
        yield* append(tenantId, "two")
        assert.deepStrictEqual(yield* after(caller, all), [])
        assert.isAtLeast(yield* events.number(100), 2)
        const found = yield* after(caller, all)
        assert.deepStrictEqual(names(found), ["one", "two"])
        assert.deepStrictEqual(found.map((event) => event.cursor), ["1", "2"].map((cursor) => EventCursor.make(cursor)))
        yield* append(tenantId, "three")
        yield* events.number(100)
        assert.deepStrictEqual(names(yield* after(caller, { ...all, cursor: found[1]!.cursor })), ["three"])
        assert.strictEqual(yield* events.newest(tenantId), EventCursor.make("3"))
      }))

    it.effect("an event of a transaction that is rolled back was never there", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const events = yield* EventsRepo
        const { caller, tenantId } = yield* makeTenant
        yield* append(tenantId, "ghost").pipe(Effect.andThen(Effect.fail("no")), sql.withTransaction, Effect.ignore)
        yield* append(tenantId, "real")
        yield* events.number(100)
        assert.deepStrictEqual(names(yield* after(caller, all)), ["real"])
      }))

    it.effect("tenants have numbers of their own", () =>
      Effect.gen(function*() {
        const events = yield* EventsRepo
        const [first, second] = [yield* makeTenant, yield* makeTenant]
        yield* append(first.tenantId, "a")
        yield* append(second.tenantId, "b")
        yield* append(first.tenantId, "c")
        yield* events.number(100)
        assert.deepStrictEqual(names(yield* after(first.caller, all)), ["a", "c"])
        assert.deepStrictEqual(names(yield* after(second.caller, all)), ["b"])
      }))

    it.effect("a cursor from before what is kept is answered with the ends of the log", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const events = yield* EventsRepo
        const { caller, tenantId } = yield* makeTenant
        yield* append(tenantId, "old")
        yield* append(tenantId, "new")
        yield* events.number(100)
        yield* sql`update events set created_at = now() - interval '31 days' where tenant_id = ${tenantId} and number = 1`
        yield* events.expire
        const error = yield* Effect.flip(after(caller, all))
        assert.deepStrictEqual([error._tag, error.oldest, error.newest], ["CursorExpired", "2", "2"])
        assert.deepStrictEqual(
          names(yield* after(caller, { ...all, cursor: EventCursor.make("1") })),
          ["new"]
        )
      }))
  })
}

describe("two writers at once", () => {
  // The embedded database has one session, so only a server can interleave two transactions.
  const server = engines.find((engine) => engine.name === "PostgreSQL")!
  it.layer(server.layer, { timeout: "90 seconds" })("on PostgreSQL", (it) => {
    it.effect("no reader skips the event of the slower transaction", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const events = yield* EventsRepo
        const { caller, tenantId } = yield* makeTenant
        const written = yield* Deferred.make<void>()
        const release = yield* Deferred.make<void>()
        const slow = yield* append(tenantId, "slow").pipe(
          Effect.andThen(Deferred.succeed(written, undefined)),
          Effect.andThen(Deferred.await(release)),
          sql.withTransaction,
          Effect.forkChild
        )
        yield* Deferred.await(written)
        yield* append(tenantId, "quick")
        yield* events.number(100)
        const first = yield* after(caller, all)
        assert.deepStrictEqual(names(first), ["quick"])
        yield* Deferred.succeed(release, undefined)
        yield* Fiber.join(slow)
        yield* events.number(100)
        const second = yield* after(caller, { ...all, cursor: first.at(-1)!.cursor })
        assert.deepStrictEqual(names(second), ["slow"])
      }))

    it.effect("two relays at once give every event one number", () =>
      Effect.gen(function*() {
        const events = yield* EventsRepo
        const { caller, tenantId } = yield* makeTenant
        yield* Effect.forEach(Array.from({ length: 50 }, (_, index) => `e${index}`), (name) => append(tenantId, name))
        yield* Effect.all([events.number(100), events.number(100)], { concurrency: 2 })
        const found = yield* after(caller, all)
        assert.strictEqual(new Set(found.map((event) => event.cursor)).size, 50)
        assert.strictEqual(new Set(names(found)).size, 50)
      }))
  })
})
