import { assert, it } from "@effect/vitest"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { IndexSync } from "@sheaf/adapters/lifecycle/IndexSync"
import { transact } from "@sheaf/adapters/repos/rows"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { decodeIndexToken, encodeIndexToken } from "@sheaf/domain/documents/indexToken"
import type { DocumentId } from "@sheaf/domain/ids"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { setting, space, zoo } from "../../../../test/support/searchable.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Server } from "../Server.ts"

// Nobody works on what the index owes here: the tests say when it has followed.

const syncedUpTo = Effect.fnUntraced(function*(documentId: DocumentId, generation: number) {
  const signals = yield* Signals
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ tenantId: Parameters<typeof TestServer.makeKey>[0] }>`
    update documents set synced = ${generation} where id = ${documentId} returning tenant_id`
  yield* signals.send({ _tag: "IndexSynced", tenantId: row!.tenantId, documentId })
})

const layer = Server.layer({ version: "0", profile: "embedded" }).pipe(
  Layer.provideMerge(Layer.merge(TestServer.adapters, Layer.mock(Embedder, { space, parallel: 1 }))),
  Layer.orDie,
  Layer.provide(TestServer.onRealTime)
)

it.layer(layer, { timeout: "60 seconds" })("waiting for the index", (it) => {
  const lion = { text: "lion", mode: "keyword" }

  it.effect("a search waits for the change of its token, and no longer", () =>
    Effect.gen(function*() {
      const { keys, makeDataset, publish, search } = yield* setting
      const documentId = yield* publish(yield* makeDataset("zoo"), "zoo", zoo)
      yield* TestServer.ok(keys.write, "DocumentsDisable", { documentId })
      yield* syncedUpTo(documentId, 1)
      const { changed, document, indexToken } = yield* TestServer.ok(keys.write, "DocumentsEnable", { documentId })
      assert.deepStrictEqual([changed, document.indexState], [true, "pending"])
      const waiting = yield* Effect.forkChild(search({ ...lion, waitFor: indexToken, waitMs: 30_000 }), {
        startImmediately: true
      })
      yield* syncedUpTo(documentId, 2)
      const { explain, hits } = yield* Fiber.join(waiting)
      assert.strictEqual(hits.length, 2)
      assert.notProperty(explain, "notYet")
    }))

  it.effect("says that the index had not followed in time, and shows what may be seen", () =>
    Effect.gen(function*() {
      const { keys, makeDataset, publish, search } = yield* setting
      const documentId = yield* publish(yield* makeDataset("zoo"), "zoo", zoo)
      const listed = yield* TestServer.ok(keys.read, "SegmentsList", { documentId })
      const [first] = listed.items
      const disabled = yield* TestServer.ok(keys.write, "SegmentsDisable", { documentId, segmentIds: [first.id] })
      assert.deepInclude(disabled, { changed: 1, missing: [] })
      const { explain, hits } = yield* search({ ...lion, waitFor: disabled.indexToken, waitMs: 50 })
      assert.isTrue(explain.notYet)
      assert.deepStrictEqual(hits.map(({ text }) => text), [zoo[2]!.text])
    }))

  it.effect("waits for no document that is foreign, gone or was never changed so often, and tells nothing of it", () =>
    Effect.gen(function*() {
      const mine = yield* setting
      const theirs = yield* setting
      const sync = yield* IndexSync
      const transaction = transact(yield* SqlClient.SqlClient)
      const own = yield* mine.publish(yield* mine.makeDataset("zoo"), "zoo", zoo)
      const foreign = yield* theirs.publish(yield* theirs.makeDataset("zoo"), "zoo", zoo)
      const gone = yield* mine.publish(yield* mine.makeDataset("gone"), "zoo", zoo)
      yield* transaction(sync.touch(theirs.tenantId, foreign, { all: false }))
      yield* transaction(sync.touch(mine.tenantId, gone, { all: false }))
      yield* TestServer.ok(mine.keys.write, "DocumentsDelete", { documentId: gone })
      const nobody = "01890a5d-ac96-774b-bcce-b302099a8057" as DocumentId
      const marks = [foreign, gone, nobody, own].map((documentId) => ({ documentId, generation: 1_000 }))
      const { explain } = yield* mine.search({ ...lion, waitFor: encodeIndexToken(marks), waitMs: 30_000 })
      assert.notProperty(explain, "notYet")
      assert.deepStrictEqual(decodeIndexToken(encodeIndexToken(marks)), marks)
    }))

  it.effect("refuses a token that is none, and a version that is not the one any more", () =>
    Effect.gen(function*() {
      const { keys, makeDataset, publish } = yield* setting
      const documentId = yield* publish(yield* makeDataset("zoo"), "zoo", zoo)
      const bad = yield* TestServer.rpc(keys.read, "SearchQuery", { ...lion, waitFor: "x' or 1=1" })
      assert.strictEqual(bad.status, 422)
      yield* TestServer.ok(keys.write, "DocumentsArchive", { documentId, ifVersion: 0 })
      const late = yield* TestServer.rpc(keys.write, "DocumentsUnarchive", { documentId, ifVersion: 0 })
      assert.deepStrictEqual([late.status, late.json.error.data.currentVersion], [409, 1])
      const [first, second] = (yield* TestServer.ok(keys.read, "SegmentsList", { documentId })).items
      const two = { documentId, segmentIds: [first.id, second.id], ifVersion: 0 }
      assert.strictEqual((yield* TestServer.rpc(keys.write, "SegmentsDisable", two)).status, 422)
      const one = { documentId, segmentIds: [first.id], ifVersion: 7 }
      const conflict = yield* TestServer.rpc(keys.write, "SegmentsDisable", one)
      assert.deepStrictEqual([conflict.status, conflict.json.error.data.currentVersion], [409, 0])
      const unknown = "01890a5d-ac96-774b-bcce-b302099a8057"
      const missing = yield* TestServer.ok(keys.write, "SegmentsDisable", {
        documentId,
        segmentIds: [first.id, unknown]
      })
      assert.deepInclude(missing, { changed: 1, missing: [unknown] })
    }))
})
