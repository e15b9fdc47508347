import { assert, it } from "@effect/vitest"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { Signals } from "@sheaf/adapters/signals/Signals"
import { Effect, Fiber, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("Documents", (it) => {
  const setting = Effect.gen(function*() {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const accept = (text: string) =>
      TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "a.txt", text })
    const sql = yield* SqlClient.SqlClient
    const jobs = Effect.map(
      sql`select stage from jobs where tenant_id = ${tenantId} order by stage`,
      (rows) => rows.map((row) => row["stage"])
    )
    const counts = Effect.map(
      TestServer.ok(keys.read, "DatasetsGet", { datasetId }),
      ({ bytes, documents, segments, tokens }) => ({ bytes, documents, segments, tokens })
    )
    return { keys, tenantId, datasetId, accept, jobs, counts, runs: yield* RunsRepo, documents: yield* DocumentsRepo }
  })

  it.effect("are built again only when nothing is being built", () =>
    Effect.gen(function*() {
      const { accept, jobs, keys, runs, tenantId } = yield* setting
      const { documentId, runId } = yield* accept("a")
      const early = yield* TestServer.rpc(keys.write, "DocumentsRetry", { documentId })
      assert.deepStrictEqual([early.status, early.json.error.data.tag, early.json.error.data.status], [
        409,
        "StateConflict",
        "queuing"
      ])
      for (const state of ["failed", "cancelled", "published"] as const) {
        const [newest] = yield* runs.ofDocument(tenantId, documentId)
        yield* runs.end(tenantId, newest!.id, state)
        const run = yield* TestServer.ok(keys.write, "DocumentsRetry", { documentId })
        assert.deepStrictEqual([run.state, run.number], ["queued", newest!.number + 1])
      }
      const { items: listed } = yield* TestServer.ok(keys.read, "DocumentsRuns", { documentId })
      assert.deepStrictEqual(listed.map((run: { readonly number: number }) => run.number), [4, 3, 2, 1])
      assert.strictEqual(listed[3].id, runId)
      assert.deepStrictEqual(yield* jobs, ["ParsePages", "ParsePages", "ParsePages", "ParsePages"])
    }))

  it.effect("are cancelled for good: nothing is owed any more, and whoever works hears of it", () =>
    Effect.gen(function*() {
      const { accept, jobs, keys } = yield* setting
      const { documentId, runId } = yield* accept("a")
      const signals = yield* Signals
      const control = yield* signals.subscribe("RunControl")
      const heard = yield* control.pipe(
        Stream.filter((signal) => signal.runId === runId),
        Stream.take(1),
        Stream.runDrain,
        Effect.forkChild
      )
      const run = yield* TestServer.ok(keys.write, "DocumentsCancel", { documentId })
      assert.deepStrictEqual([run.id, run.state], [runId, "cancelled"])
      yield* Fiber.join(heard)
      assert.deepStrictEqual(yield* jobs, ["PurgeRun"])
      const again = yield* TestServer.refusal(keys.write, "DocumentsCancel", { documentId })
      assert.deepStrictEqual(again, { status: 409, tag: "StateConflict" })
    }))

  it.effect("are gone when a deletion answers, and so is what they counted and what was owed for them", () =>
    Effect.gen(function*() {
      const { accept, counts, documents, jobs, keys, tenantId } = yield* setting
      const { documentId, runId } = yield* accept("hello")
      yield* accept("other")
      yield* documents.publish(tenantId, documentId, { runId, pages: 1, segments: 0, tokens: 0 })
      assert.deepStrictEqual(yield* counts, { bytes: 10, documents: 2, segments: 0, tokens: 0 })
      yield* TestServer.ok(keys.write, "DocumentsDelete", { documentId })
      assert.deepStrictEqual(yield* counts, { bytes: 5, documents: 1, segments: 0, tokens: 0 })
      assert.deepStrictEqual(yield* jobs, ["ParsePages", "PurgeDocument"])
      for (const method of ["DocumentsGet", "DocumentsRuns", "SegmentsList"]) {
        assert.strictEqual((yield* TestServer.refusal(keys.read, method, { documentId })).tag, "DocumentNotFound")
      }
      const again = yield* TestServer.refusal(keys.write, "DocumentsDelete", { documentId })
      assert.deepStrictEqual(again, { status: 404, tag: "DocumentNotFound" })
      const content = yield* TestServer.request(`/documents/${documentId}/content`, { key: keys.read })
      assert.strictEqual(content.status, 404)
    }))

  it.effect("go with their dataset", () =>
    Effect.gen(function*() {
      const { accept, datasetId, jobs, keys } = yield* setting
      const { documentId } = yield* accept("a")
      yield* TestServer.ok(keys.write, "DatasetsDelete", { datasetId })
      assert.strictEqual((yield* TestServer.refusal(keys.read, "DatasetsGet", { datasetId })).tag, "DatasetNotFound")
      assert.strictEqual((yield* TestServer.refusal(keys.read, "DocumentsGet", { documentId })).tag, "DocumentNotFound")
      assert.include(yield* jobs, "PurgeDataset")
      const late = yield* TestServer.refusal(keys.write, "DocumentsIngestText", { datasetId, name: "a", text: "a" })
      assert.strictEqual(late.tag, "DatasetNotFound")
      // Its name is free again.
      yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    }))

  it.effect("of the same text are one, unless asked otherwise", () =>
    Effect.gen(function*() {
      const { accept, counts, datasetId, keys } = yield* setting
      const first = yield* accept("a")
      assert.deepStrictEqual(yield* accept("a"), { ...first, reused: true })
      const text = { datasetId, name: "a.txt", text: "a" }
      const rejected = yield* TestServer.refusal(keys.write, "DocumentsIngestText", { ...text, ifSame: "reject" })
      assert.deepStrictEqual(rejected, { status: 409, tag: "DocumentExists" })
      yield* TestServer.ok(keys.write, "DocumentsIngestText", { ...text, ifSame: "new" })
      assert.strictEqual((yield* counts).documents, 2)
    }))

  it.effect("take a megabyte of text, and no more", () =>
    Effect.gen(function*() {
      const { accept, datasetId, keys } = yield* setting
      yield* accept("ä".repeat(1_048_576))
      const params = { datasetId, name: "a.txt", text: "a".repeat(1_048_577) }
      assert.strictEqual((yield* TestServer.rpc(keys.write, "DocumentsIngestText", params)).status, 422)
    }))
})
