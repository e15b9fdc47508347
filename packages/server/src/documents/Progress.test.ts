import { assert, it } from "@effect/vitest"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import type { DatasetId, DocumentId, RunId, WorkUnitId } from "@sheaf/domain/ids"
import { Deferred, Effect, Fiber, Queue, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Progress", (it) => {
  const setting = Effect.gen(function*() {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const runs = yield* RunsRepo
    const sql = yield* SqlClient.SqlClient
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const accepted = yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "a.txt", text: "a" })
    const documentId: DocumentId = accepted.documentId
    const runId: RunId = accepted.runId
    const client = yield* TestServer.connect
    const watch = (after?: number) =>
      client.DocumentsWatch({ documentId, ...(after !== undefined && { after }) }).pipe(
        Stream.runCollect,
        TestServer.as(keys.read)
      )
    const finishParsing = Effect.gen(function*() {
      const [unit] = yield* runs.units(tenantId, runId, "parse")
      yield* sql.withTransaction(
        runs.completeUnit(tenantId, runId, { id: unit!.id as WorkUnitId, stage: "parse", elapsedMs: 5 })
      )
    })
    return { keys, tenantId, runs, datasetId: datasetId as DatasetId, documentId, runId, client, watch, finishParsing }
  })

  const short = (all: Iterable<DocumentProgress>) =>
    Array.from(all, ({ revision, state, status }) => `${revision} ${state} ${status}`)

  it.effect("shows how a run stands, each change, and its end", () =>
    Effect.gen(function*() {
      const { client, documentId, finishParsing, keys, runId, runs, tenantId } = yield* setting
      const seen = yield* Queue.unbounded<DocumentProgress>()
      const watching = yield* client.DocumentsWatch({ documentId }).pipe(
        Stream.runForEach((progress) => Queue.offer(seen, progress)),
        TestServer.as(keys.read),
        Effect.forkChild
      )
      const first = yield* Queue.take(seen)
      assert.deepStrictEqual([first.state, first.stages], ["queued", [{ stage: "parse", done: 0, total: 1 }]])
      yield* finishParsing
      const second = yield* Queue.take(seen)
      assert.deepStrictEqual([second.state, second.stages], ["chunking", [{ stage: "parse", done: 1, total: 1 }]])
      assert.isAtLeast(second.since.getTime(), first.since.getTime())
      yield* runs.end(tenantId, runId, "failed", { _tag: "Encrypted", wrongPassword: false })
      const last = yield* Queue.take(seen)
      assert.deepStrictEqual([last.state, last.status, last.cause], [
        "failed",
        "error",
        { _tag: "Encrypted", wrongPassword: false }
      ])
      yield* Fiber.join(watching)
      assert.strictEqual(yield* Queue.size(seen), 0)
    }))

  it.effect("gives one who comes late the end, and one who comes back what is new", () =>
    Effect.gen(function*() {
      const { finishParsing, runId, runs, tenantId, watch } = yield* setting
      yield* finishParsing
      yield* runs.end(tenantId, runId, "cancelled")
      assert.deepStrictEqual(short(yield* watch()), ["2 cancelled cancelled"])
      assert.deepStrictEqual(short(yield* watch(1)), ["2 cancelled cancelled"])
      assert.deepStrictEqual(short(yield* watch(2)), [])
    }))

  it.effect("notices a change whose signal was lost", () =>
    Effect.gen(function*() {
      const { runId, watch } = yield* setting
      const sql = yield* SqlClient.SqlClient
      const watching = yield* Effect.forkChild(watch())
      yield* sql`update runs set state = 'failed', revision = 9, finished_at = now() where id = ${runId}`
      assert.strictEqual(short(yield* Fiber.join(watching)).at(-1), "9 failed error")
    }))

  it.effect("counts revisions on over the runs of a document", () =>
    Effect.gen(function*() {
      const { documentId, keys, runId, runs, tenantId, watch } = yield* setting
      yield* runs.end(tenantId, runId, "failed", { _tag: "Empty" })
      const [last] = yield* watch()
      const retried = yield* TestServer.ok(keys.write, "DocumentsRetry", { documentId })
      assert.isAbove(retried.revision, last!.revision)
      assert.strictEqual(retried.number, 2)
      const watching = yield* Effect.forkChild(watch(last!.revision))
      yield* TestServer.ok(keys.write, "DocumentsCancel", { documentId })
      const seen = yield* Fiber.join(watching)
      assert.strictEqual(seen.at(-1)?.state, "cancelled")
      for (const { runId } of seen) assert.strictEqual(runId, retried.id)
    }))

  it.effect("keeps no backlog for a reader that is slow: it gets the newest look", () =>
    Effect.gen(function*() {
      const { client, documentId, keys, runId, runs, tenantId } = yield* setting
      const sql = yield* SqlClient.SqlClient
      const gate = yield* Deferred.make<void>()
      const first = yield* Deferred.make<void>()
      const watching = yield* client.DocumentsWatch({ documentId }).pipe(
        Stream.tap(() => Effect.andThen(Deferred.succeed(first, undefined), Deferred.await(gate))),
        Stream.runCollect,
        TestServer.as(keys.read),
        Effect.forkChild
      )
      yield* Deferred.await(first)
      for (let revision = 1; revision <= 50; revision++) {
        yield* sql`update runs set revision = ${revision}, state = 'parsing' where id = ${runId}`
      }
      yield* runs.end(tenantId, runId, "cancelled")
      yield* Deferred.succeed(gate, undefined)
      const seen = Array.from(yield* Fiber.join(watching))
      // One that keeps a backlog would give all fifty.
      assert.isBelow(seen.length, 25)
      assert.strictEqual(seen.at(-1)!.state, "cancelled")
    }))

  it.effect("ends with a last look when the document is deleted, whether its row is still there or not", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      for (const purged of [false, true]) {
        const { client, documentId, keys } = yield* setting
        const started = yield* Deferred.make<void>()
        const watching = yield* client.DocumentsWatch({ documentId }).pipe(
          Stream.tap(() => Deferred.succeed(started, undefined)),
          Stream.runCollect,
          TestServer.as(keys.read),
          Effect.forkChild
        )
        yield* Deferred.await(started)
        yield* purged ? purge(sql, documentId) : TestServer.ok(keys.write, "DocumentsDelete", { documentId })
        const last = Array.from(yield* Fiber.join(watching)).at(-1)
        assert.deepStrictEqual([last?.status, last?.state], ["deleting", "cancelled"])
        const late = client.DocumentsWatch({ documentId }).pipe(Stream.runDrain, Effect.flip, TestServer.as(keys.read))
        assert.strictEqual((yield* late)._tag, "DocumentNotFound")
      }
    }))

  it.effect("is refused, not ended, when the document is hidden from the watcher", () =>
    Effect.gen(function*() {
      const { client, datasetId, documentId, keys } = yield* setting
      const started = yield* Deferred.make<void>()
      const watching = yield* client.DocumentsWatch({ documentId }).pipe(
        Stream.tap(() => Deferred.succeed(started, undefined)),
        Stream.runDrain,
        Effect.flip,
        TestServer.as(keys.read),
        Effect.forkChild
      )
      yield* Deferred.await(started)
      yield* TestServer.ok(keys.admin, "DatasetsUpdate", { datasetId, permission: "private" })
      assert.strictEqual((yield* Fiber.join(watching))._tag, "DocumentNotFound")
    }))

  it.effect("reaches every watcher, whatever their keys", () =>
    Effect.gen(function*() {
      const { client, documentId, finishParsing, keys, runId, runs, tenantId } = yield* setting
      const first = yield* Queue.unbounded<void>()
      const watch = client.DocumentsWatch({ documentId }).pipe(
        Stream.tap(({ revision }) => revision === 0 ? Queue.offer(first, undefined) : Effect.void),
        Stream.runCollect
      )
      const readers = yield* Effect.forEach(Array.from({ length: 20 }, (_, at) => at), (at) =>
        Effect.forkChild(TestServer.as(at % 2 === 0 ? keys.read : keys.write)(watch)))
      yield* Queue.takeN(first, 20)
      yield* finishParsing
      yield* runs.end(tenantId, runId, "failed", { _tag: "Empty" })
      for (const reader of readers) {
        assert.strictEqual(Array.from(yield* Fiber.join(reader)).at(-1)?.state, "failed")
      }
    }))
})

/** What a job does some time after a deletion, at once. */
const purge = (sql: SqlClient.SqlClient, documentId: DocumentId) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`update documents set latest_run_id = null, published_run_id = null where id = ${documentId}`
    yield* sql`delete from jobs where document_id = ${documentId}`
    yield* sql`delete from work_units where run_id in (select id from runs where document_id = ${documentId})`
    yield* sql`delete from runs where document_id = ${documentId}`
    yield* sql`delete from documents where id = ${documentId}`
  }))
