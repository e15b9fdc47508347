import { assert, describe, it } from "@effect/vitest"
import { BlobStore, contentKey, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import { Accepting, type Arrival } from "@sheaf/adapters/lifecycle/Accepting"
import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { ContentsRepo } from "@sheaf/adapters/repos/documents/ContentsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import type { LimitChanges } from "@sheaf/domain/admin/Limits"
import { DocumentId } from "@sheaf/domain/ids"
import { Clock, Effect, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { engines, makeDataset, makeTenant, some } from "./world.ts"

const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

const blobs = Layer.unwrap(Effect.map(temporaryFolder("blobs"), (root) => FolderBlobs.layer({ root }))).pipe(
  Layer.orDie
)

const setting = Effect.gen(function*() {
  const { caller, tenantId } = yield* makeTenant
  const datasetId = yield* makeDataset(caller)
  const accepting = yield* Accepting
  const store = yield* BlobStore
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const quotas = yield* QuotasRepo
  const runs = yield* RunsRepo
  const sql = yield* SqlClient.SqlClient

  const accept = Effect.fnUntraced(function*(text: string, wishes: Partial<Arrival> = {}) {
    const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
    const { sha256: contentHash, size } = yield* store.put(
      rawKey(owner),
      Stream.succeed(new TextEncoder().encode(text))
    )
    const arrival: Arrival = {
      ...owner,
      name: "report.txt",
      declaredType: null,
      size,
      contentHash,
      metadata: {},
      ifSame: "reuse",
      ifNameExists: "new",
      lane: "interactive",
      actor: caller.actor,
      ...wishes
    }
    return yield* accepting.accept(arrival, transact(sql))
  }, real)

  const publish = Effect.fnUntraced(function*(documentId: DocumentId) {
    const { run } = some(yield* documents.find(caller, documentId))
    yield* runs.end(tenantId, run!.id, "published")
    yield* documents.publish(tenantId, documentId, { runId: run!.id, pages: 0, segments: 0, tokens: 0 })
    return run!.id
  })

  const limit = (limits: LimitChanges) => quotas.setLimits(tenantId, limits)
  const usage = Effect.map(quotas.allowance(tenantId), (found) => some(found).usage)
  const names = Effect.map(
    sql`select name from documents where tenant_id = ${tenantId} order by name`,
    (rows) => rows.map((row) => row["name"])
  )
  const textOf = (documentId: DocumentId, contentId: string | null) =>
    store.get(contentKey({ tenantId, datasetId, documentId }, contentId)).pipe(
      Stream.decodeText(),
      Stream.mkString
    )
  return {
    accept,
    caller,
    datasetId,
    datasets,
    documents,
    limit,
    names,
    publish,
    quotas,
    runs,
    sql,
    store,
    tenantId,
    textOf,
    usage
  }
})

for (const engine of engines) {
  const layer = Accepting.layer.pipe(Layer.provideMerge(Layer.merge(engine.layer, blobs)))
  describe(`accepting on ${engine.name}`, () => {
    it.layer(layer, { timeout: "60 seconds" })((it) => {
      it.effect("never lets a tenant have more than it may, however many come at once", () =>
        Effect.gen(function*() {
          const { accept, limit, usage } = yield* setting
          yield* limit({ documents: 5 })
          const outcomes = yield* Effect.forEach(
            Array.from({ length: 20 }, (_, index) => index),
            (index) => Effect.result(accept(`text ${index}`)),
            { concurrency: 20 }
          )
          const refused = outcomes.flatMap((outcome) => outcome._tag === "Failure" ? [outcome.failure] : [])
          assert.deepStrictEqual(refused.map((error) => error._tag), Array.from({ length: 15 }, () => "QuotaExceeded"))
          const [error] = refused
          assert.deepStrictEqual(error?._tag === "QuotaExceeded" && [error.quota, error.limit], ["documents", 5])
          assert.strictEqual((yield* usage).documents, 5)
        }).pipe(real))

      it.effect("counts bytes to the last one, and gives them back at once when a document goes", () =>
        Effect.gen(function*() {
          const { accept, datasetId, datasets, documents, limit, tenantId, usage } = yield* setting
          yield* limit({ bytes: 10 })
          const { documentId } = yield* accept("123456")
          assert.strictEqual((yield* Effect.flip(accept("12345")))._tag, "QuotaExceeded")
          yield* accept("1234", { name: "b" })
          assert.deepStrictEqual((yield* usage).bytes, 10)
          yield* documents.markDeleting(tenantId, documentId)
          yield* datasets.count(tenantId, datasetId, { documents: -1, bytes: -6 })
          yield* accept("abcdef", { name: "c" })
          assert.strictEqual((yield* usage).bytes, 10)
        }))

      it.effect("holds what other tenants have against nobody", () =>
        Effect.gen(function*() {
          const one = yield* setting
          const other = yield* setting
          yield* one.limit({ documents: 1, datasets: 1 })
          yield* other.accept("a")
          yield* other.accept("b", { name: "b" })
          yield* one.accept("a")
          assert.strictEqual((yield* Effect.flip(one.accept("b")))._tag, "QuotaExceeded")
          yield* other.accept("c", { name: "c" })
          assert.deepStrictEqual(yield* other.usage, { datasets: 1, documents: 3, bytes: 3, segments: 0 })
          yield* one.limit({ documents: null })
          yield* one.accept("b")
        }))

      it.effect("does with names what it is told", () =>
        Effect.gen(function*() {
          const { accept, names } = yield* setting
          const first = yield* accept("1")
          yield* accept("2")
          const taken = yield* Effect.flip(accept("3", { ifNameExists: "reject" }))
          assert.deepStrictEqual([taken._tag, taken._tag === "DocumentNameTaken" && taken.documentId], [
            "DocumentNameTaken",
            first.documentId
          ])
          // The same bytes again are what is there already, not another document of the name.
          assert.strictEqual((yield* accept("1", { ifNameExists: "reject" })).documentId, first.documentId)
          const numbered = yield* Effect.forEach(
            ["3", "4", "5", "6"],
            (text) => accept(text, { ifNameExists: "rename" })
          )
          assert.deepStrictEqual(
            numbered.map(({ name }) => name),
            [1, 2, 3, 4].map((number) => `report (${number}).txt`)
          )
          assert.strictEqual((yield* names).length, 6)
        }))

      it.effect("gives each of many at once a name of its own", () =>
        Effect.gen(function*() {
          const { accept, names } = yield* setting
          yield* Effect.forEach(
            Array.from({ length: 12 }, (_, index) => `${index}`),
            (text) => accept(text, { ifNameExists: "rename" }),
            { concurrency: 12 }
          )
          assert.strictEqual(new Set(yield* names).size, 12)
        }).pipe(real))

      it.effect("replaces the bytes of a document, and leaves those that serve where they are", () =>
        Effect.gen(function*() {
          const { accept, caller, documents, publish, sql, store, tenantId, textOf, usage, datasetId } = yield* setting
          const contents = yield* ContentsRepo
          const old = yield* accept("old", { metadata: { year: 1 } })
          const oldRun = yield* publish(old.documentId)
          const replaced = yield* accept("newer", { ifNameExists: "replace" })
          assert.deepStrictEqual(
            [replaced.documentId, replaced.replaced, replaced.reused],
            [old.documentId, true, false]
          )
          const now = some(yield* documents.find(caller, old.documentId))
          assert.deepStrictEqual([now.status, now.size, now.publishedRunId], ["updating", 5, oldRun])
          assert.deepStrictEqual(now.metadata, { year: 1 })
          assert.deepStrictEqual((yield* usage).bytes, 5)
          // What serves is what the published version was made of; what is being built is read from its own place.
          const served = some(yield* contents.served(tenantId, old.documentId))
          assert.deepStrictEqual([yield* textOf(old.documentId, served.contentId), served.size], ["old", 3])
          const [row] = yield* sql`select content_id from documents where id = ${old.documentId}`
          assert.strictEqual(yield* textOf(old.documentId, String(row!["contentId"])), "newer")
          assert.deepStrictEqual(yield* contents.unused(tenantId, old.documentId), [])
          // The bytes where they came in are the caller's to remove; nothing else is left over.
          yield* publish(old.documentId)
          assert.deepStrictEqual(yield* contents.unused(tenantId, old.documentId), [null])
          const again = yield* accept("newer", { ifNameExists: "replace" })
          assert.deepStrictEqual([again.documentId, again.reused], [old.documentId, true])
          // The two versions' bytes, and nothing of the attempt that brought what was there.
          const keys = yield* Stream.runCollect(
            store.list(documentPrefix({ tenantId, datasetId, documentId: old.documentId }))
          )
          assert.strictEqual(Array.from(keys).length, 2)
        }))

      it.effect("ends what is being built of bytes that are replaced meanwhile", () =>
        Effect.gen(function*() {
          const { accept, caller, documents, runs, tenantId } = yield* setting
          const first = yield* accept("1")
          const second = yield* accept("22", { ifNameExists: "replace" })
          const third = yield* accept("333", { ifNameExists: "replace" })
          const all = yield* runs.ofDocument(tenantId, first.documentId)
          assert.deepStrictEqual(all.map(({ state }) => state), ["queued", "cancelled", "cancelled"])
          assert.strictEqual(third.runId, all[0]!.id)
          assert.strictEqual(second.runId, all[1]!.id)
          assert.strictEqual(some(yield* documents.find(caller, first.documentId)).size, 3)
        }))

      it.effect("replaces one after the other where many come at once, and keeps all bytes that anything is made of", () =>
        Effect.gen(function*() {
          const { accept, sql, tenantId, textOf, usage } = yield* setting
          const first = yield* accept("first")
          yield* Effect.forEach(
            ["a", "bb", "ccc", "dddd", "eeeee", "ffffff"],
            (text) => accept(text, { ifNameExists: "replace" }),
            { concurrency: 6 }
          )
          const rows = yield* sql`select id, content_id, size::int as size from documents where tenant_id = ${tenantId}`
          assert.strictEqual(rows.length, 1)
          const [row] = rows
          assert.strictEqual(row!["id"], first.documentId)
          const text = yield* textOf(first.documentId, String(row!["contentId"]))
          assert.strictEqual(text.length, row!["size"])
          assert.strictEqual((yield* usage).bytes, text.length)
        }).pipe(real))

      it.effect("makes a new document where the one of the name is on its way out", () =>
        Effect.gen(function*() {
          const { accept, documents, tenantId } = yield* setting
          const gone = yield* accept("1")
          yield* documents.markDeleting(tenantId, gone.documentId)
          const next = yield* accept("2", { ifNameExists: "replace" })
          assert.notStrictEqual(next.documentId, gone.documentId)
          assert.isUndefined(next.replaced)
          const byId = yield* Effect.flip(accept("3", { replaces: gone.documentId }))
          assert.strictEqual(byId._tag, "DocumentNotFound")
        }))

      it.effect("checks metadata against the fields of the dataset", () =>
        Effect.gen(function*() {
          const { accept, caller, datasetId, datasets } = yield* setting
          yield* datasets.update(caller, datasetId, { fields: [{ name: "year", type: "number", required: true }] })
          assert.strictEqual((yield* Effect.flip(accept("1")))._tag, "MetadataInvalid")
          assert.strictEqual((yield* Effect.flip(accept("1", { metadata: { year: "x" } })))._tag, "MetadataInvalid")
          const { documentId } = yield* accept("1", { metadata: { year: 2026 } })
          const wrong = yield* Effect.flip(accept("2", { metadata: { year: true }, ifNameExists: "replace" }))
          assert.strictEqual(wrong._tag, "MetadataInvalid")
          // What is not said stays.
          assert.strictEqual((yield* accept("2", { ifNameExists: "replace" })).documentId, documentId)
        }))

      it.effect("takes back what it has brought to a document that then was refused", () =>
        Effect.gen(function*() {
          const { accept, caller, datasetId, documents, limit, store, tenantId } = yield* setting
          const { documentId } = yield* accept("1")
          yield* limit({ bytes: 3 })
          assert.strictEqual((yield* Effect.flip(accept("12345", { ifNameExists: "replace" })))._tag, "QuotaExceeded")
          const keys = yield* Stream.runCollect(store.list(documentPrefix({ tenantId, datasetId, documentId })))
          assert.strictEqual(Array.from(keys).length, 1)
          // Nothing of the attempt is left: what was being built is built on.
          const { run, size } = some(yield* documents.find(caller, documentId))
          assert.deepStrictEqual([run?.state, size], ["queued", 1])
        }))
    })
  })
}
