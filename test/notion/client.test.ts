import { assert, it } from "@effect/vitest"
import type { NotionList } from "@sheaf/adapters/notion/model"
import { Pace } from "@sheaf/adapters/notion/Pace"
import { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { ConnectionId } from "@sheaf/domain/ids"
import { Effect, Fiber, Layer, Redacted, Stream } from "effect"
import { TestClock } from "effect/testing"
import errors from "../fixtures/notion/errors.json" with { type: "json" }
import { block, paragraph } from "../support/notion/Workspace.ts"
import { alone, world } from "./world.ts"

/** A list to its end. */
const all = Effect.fnUntraced(function*<A, E>(read: (cursor?: string) => Effect.Effect<NotionList<A>, E>) {
  const found: Array<A> = []
  for (let cursor: string | undefined;;) {
    const { items, next } = yield* read(cursor)
    found.push(...items)
    if (next === undefined) return found
    cursor = next
  }
})

it.live("tells whose token it is, and a wrong one apart", () =>
  Effect.gen(function*() {
    const { api, connectionId, reader, workspace } = yield* world()
    const found = yield* reader.check
    assert.strictEqual(found.id, workspace.id)
    assert.strictEqual(found.name, "Pumps and valves")
    const token = Redacted.make("ntn_wrong")
    const error = yield* Effect.flip(api.reader({ token, connectionId }).check)
    assert.strictEqual(error._tag, "NotionUnauthorized")
    assert.notInclude(JSON.stringify(error), "ntn_wrong")
  }))

it.live("lists all that there is, whatever its number", () =>
  Effect.gen(function*() {
    const { reader, workspace } = yield* world({ pageSize: 7 })
    const database = workspace.addDatabase({ title: "Parts" })
    for (let i = 0; i < 23; i++) workspace.addPage({ title: `page ${i}` })
    for (let i = 0; i < 9; i++) workspace.addPage({ title: `row ${i}`, parent: { kind: "database", id: database.id } })
    const hidden = workspace.addPage({ title: "not shared" })
    hidden.shared = false
    const items = yield* all(reader.list)
    assert.lengthOf(items, 33)
    assert.lengthOf(new Set(items.map(({ id }) => id)), 33)
    const found = items.find(({ kind }) => kind === "database")
    assert.strictEqual(found?.title, "Parts")
    assert.strictEqual(found?.databaseId, database.databaseId)
    assert.lengthOf(yield* all((cursor) => reader.rows(database.id, cursor)), 9)
    assert.deepStrictEqual((yield* reader.sources(database.databaseId)).map(({ id }) => id), [database.id])
    const error = yield* Effect.flip(reader.page(hidden.id))
    assert.strictEqual(error._tag, "NotionNotFound")
    assert.strictEqual((yield* Effect.flip(reader.page("../users"))).message.includes("../users"), true)
  }))

it.live("reads values to their end", () =>
  Effect.gen(function*() {
    const { reader, workspace } = yield* world()
    const value = Array.from({ length: 130 }, (_, i) => ({ id: `page ${i}` }))
    const { id } = workspace.addPage({ title: "many", properties: { Uses: { id: "a%3Ab", type: "relation", value } } })
    const page = yield* reader.page(id)
    assert.deepStrictEqual(page.properties[0]?.value, value)
    assert.strictEqual(page.title, "many")
  }))

it.live("gives blocks in their order, children after their parents, and copies what they are copies of", () =>
  Effect.gen(function*() {
    const { reader, workspace } = yield* world({ pageSize: 2 })
    const original = "11111111-2222-4333-8444-555555555555"
    const { id } = workspace.addPage({
      title: "a page",
      blocks: [
        paragraph("one"),
        { type: "synced_block", id: original, content: { synced_from: null }, children: [paragraph("shared")] },
        block("toggle", "two", [paragraph("three"), paragraph("four"), block("toggle", "five", [paragraph("six")])]),
        { type: "child_page", content: { title: "below" } },
        { type: "synced_block", content: { synced_from: { type: "block_id", block_id: original } } },
        {
          type: "synced_block",
          content: { synced_from: { type: "block_id", block_id: "99999999-2222-4333-8444-555555555555" } }
        },
        paragraph("last")
      ]
    })
    const blocks = yield* Stream.runCollect(reader.blocks(id))
    assert.deepStrictEqual(blocks.map(({ depth, missing = "", type }) => `${depth} ${type} ${missing}`.trim()), [
      "0 paragraph",
      "0 synced_block",
      "1 paragraph",
      "0 toggle",
      "1 paragraph",
      "1 paragraph",
      "1 toggle",
      "2 paragraph",
      "0 child_page",
      "0 synced_block",
      "1 paragraph",
      "0 synced_block source",
      "0 paragraph"
    ])
  }))

it.live("ends where a synced block is within itself, and where levels do not end", () =>
  Effect.gen(function*() {
    const { reader, workspace } = yield* world()
    const original = "11111111-2222-4333-8444-555555555555"
    const copy = { type: "synced_block", content: { synced_from: { type: "block_id", block_id: original } } }
    const { id } = workspace.addPage({
      title: "round",
      blocks: [{
        type: "synced_block",
        id: original,
        content: { synced_from: null },
        children: [copy, paragraph("in")]
      }]
    })
    const blocks = yield* Stream.runCollect(reader.blocks(id))
    assert.deepStrictEqual(blocks.map(({ missing = "" }) => missing), ["", "cycle", ""])
  }))

it.live("gives each of Notion's errors its own name", () =>
  Effect.gen(function*() {
    const { api, faults, token } = yield* world()
    const expected: Record<number, string> = {
      401: "NotionUnauthorized",
      403: "NotionRestricted",
      429: "NotionRateLimited",
      529: "NotionRateLimited"
    }
    for (const { body, headers, status } of errors) {
      faults.add({ kind: "answer", status, headers, body })
      const connectionId = yield* newId(ConnectionId)
      const error = yield* Effect.flip(api.reader({ token, connectionId, patience: "500 millis" }).check)
      assert.strictEqual(error._tag, expected[status] ?? "NotionUnavailable", String(status))
      if (status === 429 && "retry-after" in headers) {
        assert.strictEqual(
          error._tag === "NotionRateLimited" && error.retryAfterMs,
          Number(headers["retry-after"]) * 1_000
        )
      }
      faults.clear()
    }
  }))

it.live("asks again where that may help, and takes nothing that is cut off for whole", () =>
  Effect.gen(function*() {
    const { faults, reader, requests, workspace } = yield* world({ pageSize: 5 })
    for (let i = 0; i < 12; i++) workspace.addPage({ title: `page ${i}` })
    for (const kind of ["cut", "half", "silent"] as const) faults.add({ kind }, { times: 1 })
    faults.add({ kind: "answer", status: 409, body: "" }, { times: 1 })
    assert.lengthOf(yield* all(reader.list), 12)
    assert.lengthOf(requests, 7)
    const expected = {
      cut: "NotionUnavailable",
      half: "NotionMalformed",
      lost: "NotionMalformed",
      silent: "NotionTimedOut"
    } as const
    for (const kind of ["cut", "half", "lost"] as const) {
      faults.add({ kind })
      const error = yield* Effect.flip(reader.list())
      assert.strictEqual(error._tag, expected[kind])
      faults.clear()
    }
  }))

it.effect("shares three calls a second, and rests when it is told to", () =>
  Effect.gen(function*() {
    const pace = yield* Effect.provide(Pace, Layer.provide(Layer.fresh(Pace.layer({ callsPerSecond: 3 })), alone))
    const connectionId = yield* newId(ConnectionId)
    let made = 0
    const calls = Effect.forEach(Array.from({ length: 30 }), () =>
      Effect.andThen(pace.turn(connectionId, 60_000), Effect.sync(() => made++)))
    const fiber = yield* Effect.forkChild(calls)
    const seen: Array<number> = []
    for (let second = 0; second < 10; second++) {
      yield* TestClock.adjust("1 second")
      seen.push(made)
    }
    assert.deepStrictEqual(seen, [9, 9, 18, 18, 18, 27, 27, 27, 30, 30])
    yield* Fiber.join(fiber)
    yield* pace.rest(connectionId, 75_000)
    const told = yield* Effect.flip(pace.turn(connectionId, 20_000))
    assert.strictEqual(told.retryAfterMs, 75_000)
    yield* TestClock.adjust("75 seconds")
    yield* pace.turn(connectionId, 0)
  }))

it.effect("waits for the process that has the connection's lease, and not longer than it may", () =>
  Effect.gen(function*() {
    const taken = { by: "another" }
    const leases = Layer.succeed(
      LeasesRepo,
      LeasesRepo.of({
        hold: () => Effect.sync(() => taken.by === "nobody"),
        releaseAll: () => Effect.void,
        releaseOthers: () => Effect.void
      })
    )
    const pace = yield* Effect.provide(Pace, Layer.provide(Layer.fresh(Pace.layer({ callsPerSecond: 3 })), leases))
    const connectionId = yield* newId(ConnectionId)
    const refused = yield* Effect.forkChild(Effect.flip(pace.turn(connectionId, 1_000)))
    yield* TestClock.adjust("2 seconds")
    assert.strictEqual((yield* Fiber.join(refused))._tag, "NotionRateLimited")
    const waiting = yield* Effect.forkChild(pace.turn(connectionId, 10_000))
    yield* TestClock.adjust("2 seconds")
    taken.by = "nobody"
    yield* TestClock.adjust("1 second")
    yield* Fiber.join(waiting)
  }))
