import { assert, it } from "@effect/vitest"
import { type BlobKey, BlobStore, contentKey, documentPrefix } from "@sheaf/adapters/blobs/BlobStore"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { AssetsRepo } from "@sheaf/adapters/repos/documents/AssetsRepo"
import { ContentsRepo } from "@sheaf/adapters/repos/documents/ContentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type DatasetId, DocumentId } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import { keepAssets } from "@sheaf/worker/stages/parse-pages/keepAssets"
import { Clock, Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant, some } from "../repos/world.ts"
import { ingest, layerOf, makeDataset, until } from "../support/Pipeline.ts"
import { hashOf, layer as pictureBook, picture } from "./pictureBook.ts"

const layer = layerOf(Bundled.layer({ threads: 1 }), pictureBook)

const book = (...lines: ReadonlyArray<string>) => ({ name: "book.txt", bytes: lines.join("\n") })

const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

/** Looks until it is so. */
const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (found: A) => boolean) =>
  look.pipe(Effect.repeat({ until: isSo, schedule: Schedule.spaced("20 millis") }), really)

const blobsOf = Effect.fnUntraced(function*(caller: Caller, datasetId: DatasetId, documentId: DocumentId) {
  const blobs = yield* BlobStore
  const owner = { tenantId: caller.tenantId, datasetId, documentId }
  const keys: ReadonlyArray<BlobKey> = yield* Stream.runCollect(blobs.list(documentPrefix(owner)))
  return keys.filter((key) => key.includes("/assets/")).map((key) => key.split("/").at(-1)!).sort()
})

const rowsOf = Effect.fnUntraced(function*(documentId: DocumentId) {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql`select hash from assets where document_id = ${documentId} order by hash`
  return found.map((row) => String(row["hash"]))
})

const segmentsOf = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId) {
  const segments = yield* SegmentsRepo
  return some(yield* segments.list(caller, { documentId })).items
})

const by = (caller: Caller) => ({ tenantId: caller.tenantId, actor: caller.actor })

/** Puts other bytes in the place of a document's, and waits for the version that is made of them. */
const replace = Effect.fnUntraced(
  function*(caller: Caller, place: { datasetId: DatasetId; documentId: DocumentId }, bytes: string) {
    const blobs = yield* BlobStore
    const contents = yield* ContentsRepo
    const control = yield* Control
    const sql = yield* SqlClient.SqlClient
    const contentId = yield* newId(DocumentId)
    const key = contentKey({ tenantId: caller.tenantId, ...place }, contentId)
    const { sha256, size } = yield* blobs.put(key, Stream.succeed(Buffer.from(bytes)))
    yield* transact(sql)(Effect.andThen(
      contents.replace(caller.tenantId, place.documentId, { contentId, size, contentHash: sha256, declaredType: null }),
      control.begin(by(caller), { documentId: place.documentId, lane: "interactive" })
    ))
    return yield* until(caller, place.documentId)
  }
)

const first = book("picture red", "Some words.", "picture blue", "picture red", "file notes.txt text/plain hello")
const [red, blue, notes] = [hashOf(picture("red")), hashOf(picture("blue")), hashOf(Buffer.from("hello"))]

it.layer(layer, { timeout: "60 seconds" })("assets of documents", (it) => {
  it.effect("are stored once each, and known by the version and its segments", () =>
    Effect.gen(function*() {
      const assets = yield* AssetsRepo
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller, { method: "whole" })
      const { documentId, runId } = yield* ingest(caller, datasetId, first)
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
      const found = yield* assets.ofRun(tenantId, runId!)
      assert.deepStrictEqual(found.map(({ hash }) => hash), [red, blue, notes].sort())
      assert.deepInclude(found.find(({ hash }) => hash === red), {
        documentId,
        mediaType: "image/png",
        name: "red.png",
        size: picture("red").length,
        width: 40,
        height: 30
      })
      assert.deepInclude(found.find(({ hash }) => hash === notes), { mediaType: "text/plain", width: null })
      assert.deepStrictEqual(yield* blobsOf(caller, datasetId, documentId), [red, blue, notes].sort())
      const [segment, ...others] = yield* segmentsOf(caller, documentId)
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(segment?.assets, [
        { hash: red, role: "image" },
        { hash: blue, role: "image" },
        { hash: notes, role: "attachment" }
      ])
    }))

  it.effect("are a retry's too, which finds what was parsed before", () =>
    Effect.gen(function*() {
      const assets = yield* AssetsRepo
      const control = yield* Control
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, first)
      yield* until(caller, documentId)
      const { id } = yield* transact(sql)(control.run(by(caller), { documentId }))
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
      assert.lengthOf(yield* assets.ofRun(tenantId, id), 3)
      assert.lengthOf((yield* segmentsOf(caller, documentId)).flatMap((segment) => segment.assets), 3)
      // The purge of the run before takes away nothing that this one has.
      yield* purged(documentId)
      assert.lengthOf(yield* rowsOf(documentId), 3)
      assert.lengthOf(yield* blobsOf(caller, datasetId, documentId), 3)
    }))

  it.effect("go with the last version that has them, and are found again when another one wants them", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, first)
      const place = { datasetId, documentId }
      yield* until(caller, documentId)
      yield* replace(caller, place, "picture blue\nOther words.")
      yield* purged(documentId)
      assert.deepStrictEqual(yield* rowsOf(documentId), [blue])
      assert.deepStrictEqual(yield* blobsOf(caller, datasetId, documentId), [blue])
      const before = yield* segmentsOf(caller, documentId)
      assert.deepStrictEqual(before.flatMap((segment) => segment.assets.map(({ hash }) => hash)), [blue])
      // Back to the first: its elements are still there, its pictures are not.
      yield* replace(caller, place, first.bytes)
      yield* purged(documentId)
      assert.deepStrictEqual(yield* rowsOf(documentId), [red, blue, notes].sort())
      assert.deepStrictEqual(yield* blobsOf(caller, datasetId, documentId), [red, blue, notes].sort())
    }))

  it.effect("of a first run that fails go with it", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, book("bare red"))
      const { run } = yield* until(caller, documentId)
      assert.deepStrictEqual([run?.state, run?.cause?._tag], ["failed", "Empty"])
      yield* purged(documentId)
      assert.deepStrictEqual(yield* rowsOf(documentId), [])
      assert.deepStrictEqual(yield* blobsOf(caller, datasetId, documentId), [])
      // Another run finds them again.
      yield* replace(caller, { datasetId, documentId }, "bare red\nWords.")
      yield* purged(documentId)
      assert.deepStrictEqual(yield* blobsOf(caller, datasetId, documentId), [red])
    }))

  it.effect("that are too many are left out, and no element speaks of them", () =>
    Effect.gen(function*() {
      const { begin } = yield* keepAssets
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId, runId } = yield* ingest(caller, datasetId, book("Some words."))
      yield* until(caller, documentId)
      yield* sql`insert into assets (tenant_id, dataset_id, document_id, hash, media_type, size)
        select ${tenantId}, ${datasetId}, ${documentId}, lpad(n::text, 64, '0'), 'image/png', 1
        from generate_series(1, ${limits.maxAssets - 1}) n`
      yield* sql`insert into run_assets (tenant_id, document_id, run_id, hash)
        select tenant_id, document_id, ${runId}, hash from assets where document_id = ${documentId}`
      const keeper = begin({ tenantId, datasetId, documentId }, runId!)
      const [kept, ...others] = ["one", "two", "three"].map((name) => picture(name))
      for (const bytes of [kept!, ...others]) {
        yield* keeper.keep({ hash: hashOf(bytes), mediaType: "IMAGE/PNG", name: " ", bytes })
      }
      assert.strictEqual(keeper.leftOut(), 2)
      assert.deepStrictEqual(keeper.all(), [
        { hash: hashOf(kept!), mediaType: "image/png", size: kept!.length, name: null, width: 40, height: 30 }
      ])
      const refs = [kept!, ...others].map((bytes) => ({ hash: hashOf(bytes), role: "image" as const }))
      const element = keeper.withKept({ kind: "paragraph", text: "Words", boxes: [], assets: refs })
      assert.deepStrictEqual(element.assets, refs.slice(0, 1))
    }))

  it.effect("go with their document, rows and blobs", () =>
    Effect.gen(function*() {
      const removal = yield* Removal
      const sql = yield* SqlClient.SqlClient
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, first)
      yield* until(caller, documentId)
      yield* transact(sql)(removal.document(caller, documentId))
      yield* eventually(sql`select 1 from documents where id = ${documentId}`, (rows) => rows.length === 0)
      assert.deepStrictEqual(yield* rowsOf(documentId), [])
      assert.deepStrictEqual(yield* sql`select 1 from run_assets where document_id = ${documentId}`, [])
      assert.deepStrictEqual(yield* blobsOf(caller, datasetId, documentId), [])
      const [told] = yield* sql`select (body -> 'removed' ->> 'assets')::int as assets from events
        where document_id = ${documentId} and body ->> '_tag' = 'DocumentDeleted'`
      assert.deepStrictEqual(told, { assets: 3 })
    }))
})

/** Nothing is owed for a document any more. */
const purged = Effect.fnUntraced(function*(documentId: DocumentId) {
  const sql = yield* SqlClient.SqlClient
  yield* eventually(
    sql`select 1 from jobs where document_id = ${documentId} and state <> 'dead'`,
    (rows) => rows.length === 0
  )
})
