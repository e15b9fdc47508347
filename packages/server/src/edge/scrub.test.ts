import { assert, it } from "@effect/vitest"
import { BlobStore, BlobStoreError } from "@sheaf/adapters/blobs/BlobStore"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { ProgressRepo } from "@sheaf/adapters/repos/documents/ProgressRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { Cause, Effect, Layer, Logger, Stream } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Server } from "../Server.ts"

const id = "01890a5d-ac96-774b-bcce-b302099a8057"
const secret = "password=hunter2"

const logged: Array<string> = []
const log = Logger.layer([Logger.make(({ cause, message }) => {
  logged.push(`${JSON.stringify(message)} ${Cause.pretty(cause)}`)
})])

const outage = new SqlError({ reason: new ConnectionError({ cause: new Error(secret) }) })

/** Adapters that break where the tests look. */
const broken = Layer.mergeAll(
  Layer.effect(
    DatasetsRepo,
    Effect.map(DatasetsRepo, (repo) =>
      DatasetsRepo.of({
        ...repo,
        list: () => Effect.die(new Error(secret)),
        findByName: () => Effect.die(new Error(secret)),
        find: (_, datasetId) => datasetId === id ? Effect.die(outage) : Effect.succeed({ _tag: "None" } as never)
      }))
  ),
  Layer.effect(
    DocumentsRepo,
    Effect.map(DocumentsRepo, (repo) =>
      DocumentsRepo.of({
        ...repo,
        find: () => {
          throw new Error(secret)
        }
      }))
  ),
  Layer.effect(
    ProgressRepo,
    Effect.map(ProgressRepo, (repo) => ProgressRepo.of({ ...repo, look: () => Effect.die(new Error(secret)) }))
  ),
  Layer.effect(
    BlobStore,
    Effect.map(BlobStore, (store) =>
      BlobStore.of({
        ...store,
        put: () => Effect.fail(new BlobStoreError({ operation: "put", isRetryable: true, cause: secret })) as never
      }))
  ),
  Layer.effect(
    JobsRepo,
    Effect.map(JobsRepo, (repo) => JobsRepo.of({ ...repo, backlog: Effect.die(new Error(secret)) }))
  )
)

const layer = Server.layer({ version: "0", profile: "embedded" }).pipe(
  Layer.provide(broken),
  Layer.provideMerge(TestServer.adapters),
  Layer.provide(log),
  Layer.orDie,
  Layer.provide(TestServer.onRealTime)
)

it.layer(layer, { timeout: "60 seconds" })("defects", (it) => {
  const answersOf = Effect.gen(function*() {
    const { keys } = yield* TestServer.makeTenant
    const { read, write } = keys
    const line = (tag: string, payload: unknown) =>
      `${JSON.stringify({ _tag: "Request", id: "1", tag, payload, headers: [] })}\n`
    const ndjson = (tag: string, payload: unknown) =>
      TestServer.request("/rpc/http", { method: "POST", body: line(tag, payload), key: read })
    return {
      "JSON-RPC": TestServer.rpc(read, "DatasetsList", {}),
      "JSON-RPC, thrown": TestServer.rpc(read, "DocumentsGet", { documentId: id }),
      NDJSON: ndjson("DatasetsList", {}),
      "NDJSON, thrown": ndjson("DocumentsGet", { documentId: id }),
      "NDJSON, a stream": ndjson("DocumentsWatch", { documentId: id }),
      "a plain route": TestServer.request(`/documents/${id}/content`, { key: read }),
      metrics: TestServer.request("/metrics"),
      "a mutation": TestServer.rpc(write, "DocumentsRetry", { documentId: id })
    }
  })

  it.effect("reach nobody as they are, and the log under their reference", () =>
    Effect.gen(function*() {
      const answers = yield* answersOf
      for (const [where, answer] of Object.entries(answers)) {
        const { status, text } = yield* answer
        assert.notInclude(text, "hunter2", where)
        assert.include(text, "InternalError", where)
        const [, reference] = /"reference":"([^"]+)"/.exec(text)!
        const entry = logged.find((line) => line.includes(reference!))
        assert.include(entry, "hunter2", where)
        assert.strictEqual(status, where.startsWith("NDJSON") ? 200 : 500, where)
      }
    }))

  it.effect("reach nobody over WebSocket, and other calls go on", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const client = yield* TestServer.connect
      const documentId = id as never
      const [unary, thrown, stream, other] = yield* Effect.all([
        Effect.flip(client.DatasetsList({})),
        Effect.flip(client.DocumentsGet({ documentId })),
        Effect.flip(Stream.runDrain(client.DocumentsWatch({ documentId }))),
        client.AdminInfo()
      ], { concurrency: "unbounded" }).pipe(TestServer.as(keys.read))
      for (const error of [unary, thrown, stream]) {
        assert.strictEqual(error._tag, "InternalError")
        assert.notInclude(JSON.stringify(error), "hunter2")
      }
      assert.strictEqual(other.version, "0")
    }))

  it.effect("that are outages say so, and that the call may be sent again", () =>
    Effect.gen(function*() {
      const { keys } = yield* TestServer.makeTenant
      const database = yield* TestServer.rpc(keys.read, "DatasetsGet", { datasetId: id })
      assert.deepStrictEqual([database.status, database.headers.get("retry-after")], [503, "1"])
      assert.deepStrictEqual(database.json.error.data, {
        tag: "Unavailable",
        message: database.json.error.message,
        retryable: true,
        dependency: "The database"
      })
      assert.notInclude(database.text, "hunter2")
      const upload = yield* TestServer.request(`/datasets/${id}/documents?name=a`, { method: "POST", key: keys.write })
      assert.deepStrictEqual([upload.status, upload.json.error.tag], [503, "Unavailable"])
    }))
})
