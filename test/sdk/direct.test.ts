import { assert, it } from "@effect/vitest"
import { BlobStore, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { DatasetId, DocumentId, type TenantId } from "@sheaf/domain/ids"
import { HashMismatch, UploadTooLarge } from "@sheaf/sdk/index"
import { Server } from "@sheaf/server/Server"
import * as Chores from "@sheaf/worker/pipeline/Chores"
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { Azurite } from "../support/backends/AzuriteServer.ts"
import { patternBytes } from "../support/pattern.ts"
import * as TestServer from "../support/TestServer.ts"
import { inPage } from "./support/browser.ts"
import { client, rejection } from "./support/client.ts"
import { allowOrigin, layer, listeningFetch, maxUploadBytes } from "./support/DirectServer.ts"
import { Pages } from "./support/Pages.ts"

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const size = 6_000_000
/** A pattern of its own for each test, so that no test finds another's document. */
let serial = 0
const newBytes = () => patternBytes(++serial * 4_096, size) as Uint8Array<ArrayBuffer>

it.layer(layer, { timeout: "2 minutes", excludeTestServices: true })("uploads straight to the blob store", (it) => {
  const setting = Effect.gen(function*() {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const { url } = yield* Server
    const { endpoint } = yield* Azurite
    const connect = (fetch: typeof globalThis.fetch) => client({ url, key: keys.write.secret, fetch, timeout: 5_000 })
    const begin = (params: object = {}) =>
      TestServer.ok(keys.write, "DocumentsUpload", { datasetId, name: "a.bin", ...params })
    const link = (uploadId: string) => TestServer.ok(keys.write, "DocumentsUploadDirect", { uploadId })
    const finish = (uploadId: string, offset: number) =>
      TestServer.request(`/uploads/${uploadId}`, {
        method: "PATCH",
        headers: { "upload-offset": String(offset), "upload-complete": "?1" },
        body: "",
        key: keys.write
      })
    return { keys, tenantId, datasetId, url, endpoint, connect, begin, link, finish }
  })

  const send = (link: { readonly url: string; readonly offsetHeader: string }, offset: number, body: Uint8Array) =>
    Effect.promise(() =>
      fetch(link.url, {
        method: "PUT",
        headers: { [link.offsetHeader]: String(offset) },
        body: body as Uint8Array<ArrayBuffer>
      })
    )

  const ownerOf = (tenantId: TenantId, datasetId: string, documentId: string) => ({
    tenantId,
    datasetId: DatasetId.make(datasetId),
    documentId: DocumentId.make(documentId)
  })

  /** Blobs of a document, whole or in the making, which this removes. */
  const leftOf = (tenantId: TenantId, datasetId: string, documentId: string) =>
    Effect.flatMap(BlobStore, (store) => store.removePrefix(documentPrefix(ownerOf(tenantId, datasetId, documentId))))

  it.effect("sends all bytes there and none to the server, and reads them from there", () =>
    Effect.gen(function*() {
      const { connect, datasetId, endpoint, keys } = yield* setting
      const bytes = newBytes()
      const { fetch, requests, toStore } = listeningFetch()
      const sheaf = yield* connect(fetch)
      const sent: Array<number> = []
      const accepted = yield* Effect.promise(() =>
        sheaf.documents.ingest(new File([bytes], "Bericht \"März\".pdf"), {
          dataset: datasetId,
          sha256: sha256(bytes),
          onProgress: (event) => event.type === "uploading" && sent.push(event.sent)
        })
      )
      assert.strictEqual(accepted.contentHash, sha256(bytes))
      assert.strictEqual(toStore(endpoint).reduce((sum, { bytes }) => sum + bytes, 0), size)
      assert.strictEqual(requests.reduce((sum, { bytes }) => sum + bytes, 0), size)
      assert.isAbove(toStore(endpoint).length, 1)
      assert.isTrue(toStore(endpoint).every(({ headers }) => !headers.has("authorization")))
      assert.deepStrictEqual([sent.at(0), sent.at(-1)], [0, size])
      assert.deepStrictEqual(sent.toSorted((a, b) => a - b), sent)

      const straight = yield* Effect.promise(() => sheaf.documents.download(accepted.id))
      assert.isTrue(straight.url.startsWith(endpoint))
      assert.strictEqual(
        straight.headers.get("content-disposition"),
        "attachment; filename=\"Bericht _M_rz_.pdf\"; filename*=UTF-8''Bericht%20%22M%C3%A4rz%22.pdf"
      )
      assert.strictEqual(straight.headers.get("content-type"), "application/octet-stream")
      assert.strictEqual(sha256(new Uint8Array(yield* Effect.promise(() => straight.arrayBuffer()))), sha256(bytes))
      const through = yield* TestServer.request(`/documents/${accepted.id}/content`, {
        key: keys.read,
        headers: { range: "bytes=5999990-" }
      })
      assert.strictEqual(through.status, 206)
    }), 60_000)

  it.effect("takes a stream, and what is small goes to the server", () =>
    Effect.gen(function*() {
      const { connect, datasetId, endpoint } = yield* setting
      const bytes = newBytes()
      const { fetch, requests, toStore } = listeningFetch()
      const sheaf = yield* connect(fetch)
      const stream = (async function*() {
        for (let at = 0; at < size; at += 70_001) yield bytes.subarray(at, at + 70_001)
      })()
      const accepted = yield* Effect.promise(() => sheaf.documents.ingest(stream, { dataset: datasetId, name: "a" }))
      assert.strictEqual(accepted.contentHash, sha256(bytes))
      assert.strictEqual(toStore(endpoint).reduce((sum, { bytes }) => sum + bytes, 0), size)
      const before = toStore(endpoint).length
      yield* Effect.promise(() => sheaf.documents.ingest(bytes.subarray(0, 1_000), { dataset: datasetId, name: "b" }))
      assert.strictEqual(toStore(endpoint).length, before)
      assert.strictEqual(requests.at(-1)?.method, "PATCH")
    }), 60_000)

  it.effect("sends no piece twice that arrived, though its answer was lost", () =>
    Effect.gen(function*() {
      const { connect, datasetId, endpoint } = yield* setting
      const bytes = newBytes()
      let pieces = 0
      const { fetch, toStore } = listeningFetch(async (request, go) => {
        if (!request.url.href.startsWith(endpoint) || request.method !== "PUT") return go()
        pieces++
        if (pieces === 3) throw new TypeError("lost on the way there")
        const answer = await go()
        if (pieces === 2) throw new TypeError("lost on the way back")
        return answer
      })
      const sheaf = yield* connect(fetch)
      const accepted = yield* Effect.promise(() => sheaf.documents.ingest(bytes, { dataset: datasetId, name: "a" }))
      assert.strictEqual(accepted.contentHash, sha256(bytes))
      const offsets = toStore(endpoint).map(({ headers }) => headers.get("x-ms-blob-condition-appendpos"))
      // The third began where the second ended, and so did the fourth.
      assert.strictEqual(offsets.length - new Set(offsets).size, 1)
    }), 60_000)

  it.effect(
    "takes the way over the server where the store cannot be reached, from the start or from the middle",
    () =>
      Effect.gen(function*() {
        const { connect, datasetId, endpoint } = yield* setting
        for (const working of [0, 2]) {
          const bytes = newBytes()
          let pieces = 0
          const { fetch, requests, toStore } = listeningFetch((request, go) =>
            request.url.href.startsWith(endpoint) && pieces++ >= working
              ? Promise.reject(new TypeError("Failed to fetch"))
              : go()
          )
          const sheaf = yield* connect(fetch)
          const accepted = yield* Effect.promise(() => sheaf.documents.ingest(bytes, { dataset: datasetId, name: "a" }))
          assert.strictEqual(accepted.contentHash, sha256(bytes))
          const straight = toStore(endpoint).slice(0, working).reduce((sum, { bytes }) => sum + bytes, 0)
          const patched = requests.filter(({ method }) => method === "PATCH")
          assert.strictEqual(straight + patched.reduce((sum, { bytes }) => sum + bytes, 0), size)
          const through = yield* Effect.promise(() => sheaf.documents.download(accepted.id))
          assert.isFalse(through.url.startsWith(endpoint))
          assert.strictEqual((yield* Effect.promise(() => through.arrayBuffer())).byteLength, size)
        }
      }),
    60_000
  )

  it.effect("waits for a store that is stopped in the middle, and loses nothing", () =>
    Effect.gen(function*() {
      const { connect, datasetId, endpoint } = yield* setting
      const azurite = yield* Azurite
      const run = Effect.runPromiseWith(yield* Effect.context())
      const bytes = newBytes()
      let pieces = 0
      const { fetch } = listeningFetch(async (request, go) => {
        if (request.url.href.startsWith(endpoint) && ++pieces === 3) {
          await run(azurite.stop)
          void run(Effect.andThen(Effect.sleep("2 seconds"), azurite.start))
        }
        return go()
      })
      const sheaf = yield* connect(fetch)
      const accepted = yield* Effect.promise(() => sheaf.documents.ingest(bytes, { dataset: datasetId, name: "a" }))
      assert.strictEqual(accepted.contentHash, sha256(bytes))
    }), 60_000)

  it.effect("refuses other bytes than announced, and keeps nothing of them", () =>
    Effect.gen(function*() {
      const { connect, datasetId, tenantId } = yield* setting
      const { fetch } = listeningFetch()
      const sheaf = yield* connect(fetch)
      const error = yield* rejection(() =>
        sheaf.documents.ingest(newBytes(), { dataset: datasetId, name: "a", sha256: "0".repeat(64) })
      )
      assert.instanceOf(error, HashMismatch)
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [])
    }), 60_000)

  it.effect("refuses more than announced or allowed, and keeps nothing of it", () =>
    Effect.gen(function*() {
      const { begin, datasetId, finish, link, tenantId } = yield* setting
      const wrongSize = yield* begin({ size: 10 })
      const way = yield* link(wrongSize.uploadId)
      assert.strictEqual((yield* send(way, 0, new Uint8Array(11))).status, 201)
      assert.isNull(yield* link(wrongSize.uploadId))
      const early = yield* finish(wrongSize.uploadId, 10)
      assert.deepStrictEqual([early.status, early.json.error.tag, early.json.error.offset], [
        409,
        "UploadOffsetMismatch",
        11
      ])
      const over = yield* finish(wrongSize.uploadId, 11)
      assert.deepStrictEqual([over.status, over.json.error.tag], [413, "UploadTooLarge"])
      assert.strictEqual(yield* leftOf(tenantId, datasetId, wrongSize.documentId), 0)
      assert.strictEqual((yield* send(way, 11, new Uint8Array(1))).status, 404)

      const unsized = yield* begin()
      const large = yield* link(unsized.uploadId)
      assert.strictEqual((yield* send(large, 0, new Uint8Array(maxUploadBytes + 1))).status, 201)
      const tooLarge = yield* finish(unsized.uploadId, maxUploadBytes + 1)
      assert.deepStrictEqual([tooLarge.status, tooLarge.json.error.limit], [413, maxUploadBytes])
      assert.strictEqual(yield* leftOf(tenantId, datasetId, unsized.documentId), 0)
    }), 60_000)

  it.effect("stops a stream that is too long soon after the limit", () =>
    Effect.gen(function*() {
      const { connect, datasetId, endpoint, tenantId } = yield* setting
      const { fetch, toStore } = listeningFetch()
      const sheaf = yield* connect(fetch)
      const endless = (async function*() {
        while (true) yield new Uint8Array(1_000_000)
      })()
      const error = yield* rejection(() => sheaf.documents.ingest(endless, { dataset: datasetId, name: "a" }))
      assert.instanceOf(error, UploadTooLarge)
      assert.isBelow(toStore(endpoint).reduce((sum, { bytes }) => sum + bytes, 0), maxUploadBytes + 9_000_000)
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [])
    }), 60_000)

  it.effect("is complete once, whoever says so how often", () =>
    Effect.gen(function*() {
      const { begin, datasetId, finish, link, keys } = yield* setting
      const bytes = newBytes()
      const { uploadId } = yield* begin({ size, sha256: sha256(bytes) })
      const way = yield* link(uploadId)
      assert.strictEqual(way.offset, 0)
      yield* send(way, 0, bytes.subarray(0, 4_000_000))
      assert.strictEqual((yield* link(uploadId)).offset, 4_000_000)
      const { json } = yield* TestServer.rpc(keys.write, "DocumentsUploadStatus", { uploadId })
      assert.deepStrictEqual([json.result.offset, json.result.direct], [4_000_000, true])
      // A piece for a place that is taken changes nothing.
      assert.strictEqual((yield* send(way, 0, bytes)).status, 412)
      yield* send(way, 4_000_000, bytes.subarray(4_000_000))
      const answers = yield* Effect.all([finish(uploadId, size), finish(uploadId, size), finish(uploadId, size)], {
        concurrency: "unbounded"
      })
      const last = yield* finish(uploadId, size)
      assert.isAbove(answers.filter(({ status }) => status === 201).length, 0)
      for (const { json, status } of [...answers, last]) {
        // Who is overtaken by another is told to look again.
        if (status === 201) assert.deepStrictEqual(json, last.json)
        else assert.isTrue(json.error.retryable)
      }
      assert.strictEqual(last.status, 201)
      assert.strictEqual((yield* TestServer.ok(keys.read, "DatasetsGet", { datasetId })).documents, 1)
      assert.strictEqual(last.json.contentHash, sha256(bytes))
      assert.isNull(yield* link(uploadId))
    }), 60_000)

  it.effect("gives links that can do nothing but what they are for", () =>
    Effect.gen(function*() {
      const { begin, datasetId, finish, link, keys, tenantId } = yield* setting
      const status = (url: string, init?: RequestInit) => Effect.promise(async () => (await fetch(url, init)).status)
      const { documentId, uploadId } = yield* begin()
      const way = yield* link(uploadId)
      const bytes = newBytes()
      yield* send(way, 0, bytes)
      const plain = way.url.replace("&comp=appendblock", "")
      assert.strictEqual(yield* status(plain), 403)
      assert.strictEqual(yield* status(plain, { method: "DELETE" }), 403)
      for (const type of ["AppendBlob", "BlockBlob"]) {
        assert.strictEqual(
          yield* status(plain, { method: "PUT", headers: { "x-ms-blob-type": type }, body: "" }),
          403
        )
      }
      assert.strictEqual(yield* status(way.url.replace(documentId, datasetId), { method: "PUT", body: "x" }), 403)
      assert.strictEqual(yield* status(way.url.replace("~stage", ""), { method: "PUT", body: "x" }), 403)
      assert.strictEqual((yield* finish(uploadId, size)).status, 201)
      // The link is good for some minutes more, and there is nothing that it could change.
      assert.strictEqual((yield* send(way, size, bytes)).status, 404)

      const answer = yield* TestServer.request(`/documents/${documentId}/content?as=link`, { key: keys.read })
      assert.strictEqual(answer.headers.get("content-type"), "application/vnd.sheaf.link+json")
      assert.strictEqual(answer.headers.get("cache-control"), "no-store")
      const { url: download } = JSON.parse(answer.text)
      assert.strictEqual(yield* status(download, { headers: { range: "bytes=0-9" } }), 206)
      assert.strictEqual(yield* status(download, { method: "DELETE" }), 403)
      assert.strictEqual(
        yield* status(download, { method: "PUT", headers: { "x-ms-blob-type": "BlockBlob" }, body: "x" }),
        403
      )
      const elsewhere = rawKey(ownerOf(tenantId, datasetId, uploadId))
      yield* Effect.flatMap(BlobStore, (store) =>
        store.direct._tag === "Some" ? store.direct.value.upload(elsewhere) : Effect.void)
      assert.strictEqual(yield* status(download.replace(documentId, uploadId)), 403)
      const other = yield* TestServer.makeTenant
      for (const key of [other.keys.write, keys.read]) {
        assert.isTrue(
          (yield* TestServer.refusal(key, "DocumentsUploadDirect", { uploadId })).status >= 403
        )
      }
    }), 60_000)

  it.effect(
    "is removed while it is open as soon as it has more bytes than it announced, and its link with it",
    () =>
      Effect.gen(function*() {
        const { begin, datasetId, link, tenantId } = yield* setting
        const within = yield* begin({ size })
        const { documentId, uploadId } = yield* begin({ size: 1_000_000 })
        const bytes = newBytes()
        const way = yield* link(uploadId)
        yield* send(yield* link(within.uploadId), 0, bytes.subarray(0, 2_000_000))
        yield* send(way, 0, bytes.subarray(0, 1_000_001))
        const store = yield* BlobStore
        yield* Effect.repeat(store.staged(rawKey(ownerOf(tenantId, datasetId, documentId))), {
          until: (staged) => staged === 0,
          schedule: Schedule.spaced("20 millis")
        })
          .pipe(Effect.provide(Chores.layer({ holder: "sizes", alone: false })))
        assert.strictEqual((yield* send(way, 1_000_001, bytes)).status, 404)
        assert.strictEqual(yield* store.staged(rawKey(ownerOf(tenantId, datasetId, within.documentId))), 2_000_000)
        assert.strictEqual(yield* leftOf(tenantId, datasetId, documentId), 0)
      }),
    60_000
  )

  it.effect("is swept with its bytes when its client never comes back", () =>
    Effect.gen(function*() {
      const { begin, datasetId, link, tenantId } = yield* setting
      const { documentId, uploadId } = yield* begin({ size })
      yield* send(yield* link(uploadId), 0, newBytes().subarray(0, 1_000_000))
      const store = yield* BlobStore
      const key = rawKey(ownerOf(tenantId, datasetId, documentId))
      assert.strictEqual(yield* store.staged(key), 1_000_000)
      const sql = yield* SqlClient.SqlClient
      yield* sql`update uploads set expires_at = now() - interval '1 minute' where id = ${uploadId}`
      yield* Effect.repeat(store.staged(key), {
        until: (staged) => staged === 0,
        schedule: Schedule.spaced("20 millis")
      })
        .pipe(Effect.provide(Chores.layer({ holder: "test", alone: false })))
      assert.strictEqual(yield* leftOf(tenantId, datasetId, documentId), 0)
    }), 60_000)

  it.effect("works from a page, with the account's rules and without", () =>
    Effect.gen(function*() {
      const { keys, url, datasetId, endpoint } = yield* setting
      const { known } = yield* Pages
      const options = { url, key: keys.write.secret, dataset: datasetId, endpoint }
      const visit = (name: string) =>
        inPage(known, { ...options, name }, async ({ connect }, { dataset, endpoint, name, ...options }) => {
          const sheaf = connect(options)
          const bytes = new Uint8Array(3_000_000).fill(name.length)
          const sent: Array<number> = []
          const accepted = await sheaf.documents.ingest(new File([bytes], name), {
            dataset,
            onProgress: (event) => event.type === "uploading" && sent.push(event.sent)
          })
          const content = await sheaf.documents.download(accepted.id)
          const read = await content.arrayBuffer()
          return { sent: sent.at(-1), read: read.byteLength, straight: content.url.startsWith(endpoint) }
        })
      const without = yield* visit("without.bin")
      assert.deepStrictEqual(without, { sent: 3_000_000, read: 3_000_000, straight: false })
      yield* allowOrigin(known)
      const withRules = yield* visit("with them.bin")
      assert.deepStrictEqual(withRules, { sent: 3_000_000, read: 3_000_000, straight: true })
    }), 60_000)
})
