import { assert, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import * as Http from "node:http"
import * as Net from "node:net"
import { patternBytes } from "../../../../test/support/pattern.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Server } from "../Server.ts"

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const maxUploadBytes = 1_000_000

/** Waits, on real time, until something is so. */
const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (found: A) => boolean) =>
  look.pipe(
    Effect.repeat({ until: isSo, schedule: Schedule.spaced("10 millis") }),
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
  )

it.layer(TestServer.layer({ limits: { maxUploadBytes } }), { timeout: "60 seconds" })("uploads", (it) => {
  const setting = Effect.gen(function*() {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const begin = (params: object = {}) =>
      TestServer.ok(keys.write, "DocumentsUpload", { datasetId, name: "a.bin", ...params })
    const patch = (
      uploadId: string,
      offset: number,
      body: Uint8Array | string,
      headers: Readonly<Record<string, string>> = {}
    ) =>
      TestServer.request(`/uploads/${uploadId}`, {
        method: "PATCH",
        headers: { "upload-offset": String(offset), ...headers },
        body: body as BodyInit,
        key: keys.write
      })
    const standing = (uploadId: string) => TestServer.request(`/uploads/${uploadId}`, { key: keys.write })
    const content = (documentId: string) => TestServer.request(`/documents/${documentId}/content`, { key: keys.read })
    return { keys, tenantId, datasetId, begin, patch, standing, content }
  })

  it.effect("become a document with the last of the announced bytes", () =>
    Effect.gen(function*() {
      const { begin, content, keys, patch, standing } = yield* setting
      const bytes = patternBytes(0, 300_000)
      const { documentId, maxBytes, offset, uploadId } = yield* begin({ size: bytes.length, sha256: sha256(bytes) })
      assert.deepStrictEqual([offset, maxBytes], [0, maxUploadBytes])
      const first = yield* patch(uploadId, 0, bytes.subarray(0, 100_000))
      assert.deepStrictEqual([first.status, first.headers.get("upload-offset")], [204, "100000"])
      const head = yield* TestServer.request(`/uploads/${uploadId}`, { method: "HEAD", key: keys.write })
      assert.deepStrictEqual(
        ["upload-offset", "upload-length", "upload-complete", "cache-control"].map((name) => head.headers.get(name)),
        ["100000", "300000", "?0", "no-store"]
      )
      assert.isNotNull(head.headers.get("upload-expires"))
      const last = yield* patch(uploadId, 100_000, bytes.subarray(100_000))
      assert.strictEqual(last.status, 201)
      assert.deepStrictEqual(last.json, {
        documentId,
        runId: last.json.runId,
        contentHash: sha256(bytes),
        reused: false
      })
      const document = yield* TestServer.ok(keys.read, "DocumentsGet", { documentId })
      assert.deepStrictEqual([document.size, document.status, document.run.id], [300_000, "queuing", last.json.runId])
      const dataset = yield* TestServer.ok(keys.read, "DatasetsGet", { datasetId: document.datasetId })
      assert.deepStrictEqual([dataset.documents, dataset.bytes], [1, 300_000])
      assert.strictEqual((yield* content(documentId)).headers.get("etag"), `"${sha256(bytes)}"`)
      // The answer was lost: the same last piece, or a look, gives it again.
      assert.deepStrictEqual((yield* patch(uploadId, 100_000, bytes.subarray(100_000))).json, last.json)
      const after = yield* standing(uploadId)
      assert.deepStrictEqual([after.json, after.headers.get("upload-complete")], [last.json, "?1"])
    }))

  it.effect("of unknown length end where the client says so", () =>
    Effect.gen(function*() {
      const { begin, patch } = yield* setting
      const { uploadId } = yield* begin()
      assert.strictEqual((yield* patch(uploadId, 0, "hello ")).status, 204)
      const last = yield* patch(uploadId, 6, "world", { "upload-complete": "?1" })
      assert.deepStrictEqual([last.status, last.json.contentHash], [201, sha256(Buffer.from("hello world"))])
    }))

  it.effect("may be empty", () =>
    Effect.gen(function*() {
      const { begin, patch } = yield* setting
      const sized = yield* begin({ size: 0 })
      assert.strictEqual((yield* patch(sized.uploadId, 0, "")).status, 201)
      const unsized = yield* begin({ ifSame: "new" })
      assert.strictEqual((yield* patch(unsized.uploadId, 0, "", { "upload-complete": "?1" })).status, 201)
    }))

  it.effect("go on only where they stand", () =>
    Effect.gen(function*() {
      const { begin, patch } = yield* setting
      const { uploadId } = yield* begin({ size: 10 })
      yield* patch(uploadId, 0, "12345")
      for (const offset of [0, 4, 6]) {
        const { headers, json, status } = yield* patch(uploadId, offset, "67890")
        assert.deepStrictEqual([status, json.error.tag, json.error.offset], [409, "UploadOffsetMismatch", 5])
        assert.strictEqual(headers.get("upload-offset"), "5")
      }
      const tooEarly = yield* patch(uploadId, 5, "67", { "upload-complete": "?1" })
      assert.deepStrictEqual([tooEarly.status, tooEarly.json.error.offset], [409, 7])
      for (const offset of ["", "-1", "1e3", "0x5"]) {
        const bad = yield* patch(uploadId, 0, "x", { "upload-offset": offset })
        assert.deepStrictEqual([bad.status, bad.json.error.tag], [422, "BadRequest"], offset)
      }
      const missing = yield* patch(uploadId, 7, "890")
      assert.strictEqual(missing.status, 201)
    }))

  it.effect("are refused when they are larger than allowed, before and while they come", () =>
    Effect.gen(function*() {
      const { begin, datasetId, keys, patch, standing, tenantId } = yield* setting
      const early = yield* TestServer.rpc(keys.write, "DocumentsUpload", {
        datasetId,
        name: "a",
        size: maxUploadBytes + 1
      })
      assert.deepStrictEqual([early.status, early.json.error.data.limit], [413, maxUploadBytes])
      const announced = yield* begin({ size: 10 })
      const refused = yield* patch(announced.uploadId, 0, "12345678901")
      assert.deepStrictEqual([refused.status, refused.json.error.tag, refused.json.error.limit], [
        413,
        "UploadTooLarge",
        10
      ])
      const unsized = yield* begin()
      const large = yield* patch(unsized.uploadId, 0, new Uint8Array(maxUploadBytes + 1))
      assert.deepStrictEqual([large.status, large.json.error.tag], [413, "UploadTooLarge"])
      for (const { uploadId } of [announced, unsized]) assert.strictEqual((yield* standing(uploadId)).status, 404)
      const whole = yield* TestServer.request(`/datasets/${datasetId}/documents?name=a`, {
        method: "POST",
        body: new Uint8Array(maxUploadBytes + 1),
        key: keys.write
      })
      assert.strictEqual(whole.status, 413)
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [])
    }))

  it.effect("that never end are cut off at the limit, with an answer", () =>
    Effect.gen(function*() {
      const { begin, keys } = yield* setting
      const { uploadId } = yield* begin()
      const { port } = yield* Server
      let sent = 0
      const answered = yield* Deferred.make<{ readonly status: number | undefined; readonly text: string }>()
      const body = new Uint8Array(50_000)
      const request = Http.request({
        port,
        method: "PATCH",
        path: `/uploads/${uploadId}`,
        headers: { authorization: `Bearer ${keys.write.secret}`, "upload-offset": "0", "transfer-encoding": "chunked" }
      })
      request.on("response", (response) => {
        let text = ""
        response.on("data", (chunk) => {
          text += String(chunk)
        })
        response.on("end", () => Deferred.doneUnsafe(answered, Effect.succeed({ status: response.statusCode, text })))
      })
      request.on("error", () => {})
      const write = () => {
        if (request.destroyed) return
        sent += body.length
        if (sent < 500 * maxUploadBytes) request.write(body, write)
      }
      write()
      const { status, text } = yield* Deferred.await(answered)
      request.destroy()
      assert.strictEqual(status, 413)
      assert.include(text, "UploadTooLarge")
      assert.isBelow(sent, 20 * maxUploadBytes)
    }))

  it.effect("with other bytes than announced are refused, and can be sent again", () =>
    Effect.gen(function*() {
      const { begin, patch, standing, tenantId } = yield* setting
      const { uploadId } = yield* begin({ size: 5, sha256: sha256(Buffer.from("right")) })
      const wrong = yield* patch(uploadId, 0, "wrong")
      assert.deepStrictEqual([wrong.status, wrong.json.error.tag, wrong.json.error.retryable], [
        422,
        "HashMismatch",
        true
      ])
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [])
      assert.strictEqual((yield* standing(uploadId)).headers.get("upload-offset"), "0")
      assert.strictEqual((yield* patch(uploadId, 0, "right")).status, 201)
    }))

  it.effect("keep what came before the client went away, and go on from there", () =>
    Effect.gen(function*() {
      const { begin, keys, patch, standing } = yield* setting
      const bytes = patternBytes(0, 200_000)
      const { documentId, uploadId } = yield* begin({ size: bytes.length, sha256: sha256(bytes) })
      const { port } = yield* Server
      const socket = Net.connect(port, "127.0.0.1")
      yield* Effect.callback<void>((resume) => {
        socket.write(
          `PATCH /uploads/${uploadId} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.write.secret}\r\n` +
            `upload-offset: 0\r\ncontent-length: ${bytes.length}\r\n\r\n`
        )
        socket.write(bytes.subarray(0, 120_000), () => resume(Effect.void))
      })
      const offset = Effect.map(standing(uploadId), ({ headers }) => Number(headers.get("upload-offset")))
      // Nothing is safe before it is acknowledged: only the end of the connection makes it so.
      socket.end()
      socket.destroySoon()
      const stood = yield* eventually(offset, (found) => found > 0)
      assert.isAtMost(stood, 120_000)
      const last = yield* patch(uploadId, stood, bytes.subarray(stood))
      assert.deepStrictEqual([last.status, last.json], [201, {
        documentId,
        runId: last.json.runId,
        contentHash: sha256(bytes),
        reused: false
      }])
    }))

  it.effect("of the same bytes give what the client asks for", () =>
    Effect.gen(function*() {
      const { begin, datasetId, patch, tenantId } = yield* setting
      const send = (ifSame?: string) =>
        Effect.flatMap(begin({ size: 4, ...(ifSame && { ifSame }) }), ({ documentId, uploadId }) =>
          Effect.map(patch(uploadId, 0, "same"), (answer) => ({ ...answer, own: documentId, uploadId })))
      const first = yield* send()
      const reused = yield* send()
      assert.deepStrictEqual(reused.json, { ...first.json, reused: true })
      const rejected = yield* send("reject")
      assert.deepStrictEqual([rejected.status, rejected.json.error.tag, rejected.json.error.documentId], [
        409,
        "DocumentExists",
        first.json.documentId
      ])
      const copy = yield* send("new")
      assert.deepStrictEqual([copy.status, copy.json.documentId, copy.json.reused], [201, copy.own, false])
      const kept = [first.json.documentId, copy.json.documentId, rejected.own]
      const expected = kept.map((documentId) =>
        `${tenantId}/${datasetId}/${documentId}/raw`
      ).sort()
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), expected)
    }))

  it.effect("of the same bytes at the same time become one document", () =>
    Effect.gen(function*() {
      const { begin, keys, patch, datasetId } = yield* setting
      const begun = yield* Effect.all(Array.from({ length: 6 }, () => begin({ size: 4 })))
      const answers = yield* Effect.forEach(begun, ({ uploadId }) => patch(uploadId, 0, "same"), {
        concurrency: "unbounded"
      })
      assert.lengthOf(new Set(answers.map(({ json }) => json.documentId)), 1)
      assert.lengthOf(answers.filter(({ json }) => !json.reused), 1)
      assert.strictEqual((yield* TestServer.ok(keys.read, "DatasetsGet", { datasetId })).documents, 1)
    }))

  it.effect("end with the row when the server died between the last byte and the row", () =>
    Effect.gen(function*() {
      const { begin, patch, standing } = yield* setting
      const { uploadId } = yield* begin({ size: 5 })
      const first = yield* patch(uploadId, 0, "12345")
      const sql = yield* SqlClient.SqlClient
      yield* sql`delete from jobs where document_id = ${first.json.documentId}`
      yield* sql`update documents set latest_run_id = null where id = ${first.json.documentId}`
      yield* sql`delete from work_units where run_id = ${first.json.runId}`
      yield* sql`delete from runs where id = ${first.json.runId}`
      yield* sql`delete from documents where id = ${first.json.documentId}`
      yield* sql`update uploads set answer = null where id = ${uploadId}`
      assert.strictEqual((yield* standing(uploadId)).headers.get("upload-offset"), "5")
      const again = yield* patch(uploadId, 5, "")
      assert.deepStrictEqual([again.status, again.json.documentId], [201, first.json.documentId])
    }))

  it.effect("are finished once, however many say at the same time that they are complete", () =>
    Effect.gen(function*() {
      const { begin, patch, standing } = yield* setting
      const sql = yield* SqlClient.SqlClient
      const { documentId, uploadId } = yield* begin({ size: 5, ifSame: "reuse" })
      yield* patch(uploadId, 0, "12345")
      yield* sql`delete from audit_log where operation = 'UploadsFinish' and target ->> 'uploadId' = ${uploadId}`
      // All bytes are there, and nobody has said so yet.
      yield* sql`update uploads set answer = null where id = ${uploadId}`
      assert.strictEqual((yield* standing(uploadId)).headers.get("upload-offset"), "5")
      const answers = yield* Effect.all(Array.from({ length: 6 }, () => patch(uploadId, 5, "")), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(new Set(answers.map(({ json }) => json.documentId)), new Set([documentId]))
      const audited = yield* sql`select 1 from audit_log
        where operation = 'UploadsFinish' and target ->> 'uploadId' = ${uploadId}`
      assert.lengthOf(audited, 1)
    }))

  it.effect("are shown under a name that is fit to be shown", () =>
    Effect.gen(function*() {
      const { datasetId, keys } = yield* setting
      const names = [
        ["../../etc/passwd", "passwd"],
        ["C:\\temp\\a.pdf", "a.pdf"],
        ["evil\u202efdp.exe", "evilfdp.exe"],
        ["a\u0000b\n.txt", "ab.txt"],
        ["..", "unnamed"]
      ] as const
      for (const [sent, shown] of names) {
        const query = new URLSearchParams({ name: sent, ifSame: "new" })
        const { json, status } = yield* TestServer.request(`/datasets/${datasetId}/documents?${query}`, {
          method: "POST",
          body: sent,
          key: keys.write
        })
        assert.strictEqual(status, 201)
        assert.strictEqual(
          (yield* TestServer.ok(keys.read, "DocumentsGet", { documentId: json.documentId })).name,
          shown
        )
      }
    }))

  it.effect("in one request are accepted once for each idempotency key", () =>
    Effect.gen(function*() {
      const { datasetId, keys } = yield* setting
      const post = (body: string, query = "name=a.txt&ifSame=new&metadata=%7B%22k%22%3A1%7D", key = "k") =>
        TestServer.request(`/datasets/${datasetId}/documents?${query}`, {
          method: "POST",
          body,
          key: keys.write,
          headers: { "idempotency-key": key }
        })
      const first = yield* post("one")
      assert.strictEqual(first.status, 201)
      assert.deepStrictEqual((yield* post("one")).json, first.json)
      const reused = yield* post("two")
      assert.deepStrictEqual([reused.status, reused.json.error.tag], [409, "IdempotencyKeyReused"])
      const documents = yield* TestServer.ok(keys.read, "DocumentsList", { datasetId, withTotal: true })
      assert.deepStrictEqual([documents.total, documents.items[0].metadata], [1, { k: 1 }])
      for (const query of ["", "name=", "name=a&ifSame=maybe", "name=a&metadata=x", "name=a&lane=fast"]) {
        const bad = yield* post("three", query, "other")
        assert.deepStrictEqual([bad.status, bad.json.error.tag], [422, "BadRequest"], query)
      }
      const form = yield* TestServer.request(`/datasets/${datasetId}/documents?name=a`, {
        method: "POST",
        body: new FormData(),
        key: keys.write
      })
      assert.strictEqual(form.status, 422)
      const mismatch = yield* post("one", `name=a&sha256=${"0".repeat(64)}`, "third")
      assert.deepStrictEqual([mismatch.status, mismatch.json.error.tag], [422, "HashMismatch"])
    }))
})
