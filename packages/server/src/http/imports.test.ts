import { assert, it } from "@effect/vitest"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { ImportWorkRepo } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ImportId } from "@sheaf/domain/ids"
import { importLimits } from "@sheaf/domain/imports/importLimits"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Http from "node:http"
import { some } from "../../../../test/repos/world.ts"
import * as TestServer from "../../../../test/support/TestServer.ts"
import { Server } from "../Server.ts"

/** Sends so many bytes without saying so before, or as many as are taken. */
const flood = (url: string, key: string, size: number) =>
  Effect.callback<{ readonly status: number; readonly text: string; readonly sent: number }>((resume) => {
    const piece = Buffer.alloc(1 << 20, "a,b\n")
    let sent = 0
    const request = Http.request(url, {
      method: "PATCH",
      headers: { authorization: `Bearer ${key}`, "upload-offset": "0", "upload-complete": "?1" }
    }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (more: string) => {
        text += more
      })
      response.on("end", () => {
        request.destroy()
        resume(Effect.succeed({ status: response.statusCode ?? 0, text, sent }))
      })
    })
    // Whoever has answered need not read the rest.
    request.on("error", () => {})
    const more = () => {
      while (!request.destroyed && sent < size) {
        sent += piece.length
        if (!request.write(piece)) return
      }
      request.end()
    }
    request.on("drain", more)
    more()
  })

it.layer(TestServer.layer(), { timeout: "60 seconds" })("imports over HTTP", (it) => {
  const setting = Effect.gen(function*() {
    const apps = yield* AppsRepo
    const { keys, tenantId } = yield* TestServer.makeTenant
    const caller = new Caller({ tenantId, keyId: keys.write.id, scopes: ["write"], datasetIds: null })
    const appId = some(yield* apps.insert(caller, { name: "faq", description: "", threshold: 0.8 }))
    const create = (params: object = {}) =>
      TestServer.rpc(keys.write, "ImportsCreate", {
        target: { appId },
        name: "faq.csv",
        ...params
      })
    const patch = (id: string, offset: number, body: string, headers: Readonly<Record<string, string>> = {}) =>
      TestServer.request(`/imports/${id}/file`, {
        method: "PATCH",
        headers: { "upload-offset": String(offset), ...headers },
        body,
        key: keys.write
      })
    return { appId, apps, caller, create, keys, patch, tenantId }
  })

  it.effect("are refused before a byte is sent where nothing can come of them", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { appId, apps, create, keys, tenantId } = yield* setting
      const other = yield* setting
      const refusals = [
        [{ target: { appId: other.appId } }, 404, "AppNotFound"],
        [{ target: { documentId: other.appId } }, 404, "DocumentNotFound"],
        [{ size: 300_000_000 }, 413, "UploadTooLarge"],
        [{ reading: { columns: { title: "x" } } }, 422, "BadRequest"],
        [{ reading: { delimiter: ";;" } }, 422, "BadRequest"]
      ] as const
      for (const [params, status, tag] of refusals) {
        const { json, status: said } = yield* create(params)
        assert.deepStrictEqual([said, json.error.data.tag], [status, tag])
      }
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
      const { documentId } = yield* TestServer.ok(keys.write, "DocumentsIngestText", {
        datasetId,
        name: "n",
        text: "t"
      })
      assert.strictEqual((yield* create({ target: { documentId } })).json.error.data.tag, "StateConflict")
      yield* apps.setArchived(tenantId, appId, true)
      assert.strictEqual((yield* create()).json.error.data.tag, "AppArchived")
      yield* apps.setArchived(tenantId, appId, false)
      yield* sql`insert into imports
          (tenant_id, id, kind, target_id, name, if_exists, reading, caller, owner, created_by)
        select ${tenantId}::uuid, gen_random_uuid(), 'annotations', ${appId}::uuid, 'a', 'skip', '{}', '{}', '', '{}'
        from generate_series(2, ${importLimits.open}::int)`
      assert.strictEqual((yield* create()).status, 200)
      const full = yield* create()
      assert.deepStrictEqual([full.status, full.json.error.data.tag], [429, "TooManyImports"])
    }))

  it.effect("get their file in pieces, and are owed with the last of them", () =>
    Effect.gen(function*() {
      const { create, keys, patch, tenantId } = yield* setting
      const sql = yield* SqlClient.SqlClient
      const { result: { id, state } } = (yield* create({ size: 20, idempotencyKey: "one" })).json
      assert.strictEqual(state, "uploading")
      assert.strictEqual((yield* create({ size: 20, idempotencyKey: "one" })).json.result.id, id)
      const first = yield* patch(id, 0, "question,")
      assert.deepStrictEqual([first.status, first.headers.get("upload-offset")], [204, "9"])
      const astray = yield* patch(id, 3, "x")
      assert.deepStrictEqual([astray.status, astray.json.error.offset], [409, 9])
      const head = yield* TestServer.request(`/imports/${id}/file`, { method: "HEAD", key: keys.write })
      assert.deepStrictEqual(
        ["upload-offset", "upload-length", "upload-complete"].map((name) => head.headers.get(name)),
        ["9", "20", "?0"]
      )
      const last = yield* patch(id, 9, "answer\na,b\n")
      assert.deepStrictEqual([last.status, last.headers.get("upload-complete")], [201, "?1"])
      // The answer was lost: the same last piece gives it again.
      assert.strictEqual((yield* patch(id, 9, "answer\na,b\n")).status, 201)
      const jobs = yield* sql`select 1 from jobs where tenant_id = ${tenantId} and stage = 'ImportRows'`
      assert.lengthOf(jobs, 1)
      const now = yield* TestServer.ok(keys.admin, "ImportsGet", { importId: id, after: 0, waitMs: 5_000 })
      assert.deepInclude(now, { state: "waiting", size: 20, revision: 1 })
    }))

  it.effect("take no more bytes than announced, and none when they are over", () =>
    Effect.gen(function*() {
      const { create, keys, patch } = yield* setting
      const { result: { id } } = (yield* create({ size: 5 })).json
      const large = yield* patch(id, 0, "123456")
      assert.deepStrictEqual([large.status, large.json.error.tag, large.json.error.limit], [413, "UploadTooLarge", 5])
      const cancelled = yield* TestServer.ok(keys.write, "ImportsCancel", { importId: id })
      assert.strictEqual(cancelled.state, "cancelled")
      assert.strictEqual((yield* patch(id, 0, "12345")).json.error.tag, "ImportOver")
      assert.strictEqual((yield* TestServer.refusal(keys.write, "ImportsCancel", { importId: id })).tag, "ImportOver")
    }))

  it.effect("end with the first byte too many where nobody said how many there are, and keep none of them", () =>
    Effect.gen(function*() {
      const { create, keys, tenantId } = yield* setting
      const { url } = yield* Server
      const { result: { id } } = (yield* create()).json
      const { sent, status, text } = yield* flood(`${url}/imports/${id}/file`, keys.write.secret, 300_000_000)
      const { limit, tag } = JSON.parse(text).error
      assert.deepStrictEqual([status, tag, limit], [413, "UploadTooLarge", importLimits.maxBytes])
      assert.isBelow(sent, 200_000_000)
      assert.deepStrictEqual(yield* TestServer.blobKeys(tenantId), [])
    }))

  it.effect("give their results as a CSV in which nothing is a formula", () =>
    Effect.gen(function*() {
      const { create, keys, patch, tenantId } = yield* setting
      const work = yield* ImportWorkRepo
      const { result: { id } } = (yield* create({ name: "Fragen.csv" })).json
      yield* patch(id, 0, "question,answer\n", { "upload-complete": "?1" })
      const importId = ImportId.make(id)
      yield* work.begin(tenantId, importId, 2)
      const rows = ["=HYPERLINK(\"http://x\")", "+1", "-1", "@x", "\tx", "plain, and \"quoted\""]
      yield* work.append(
        tenantId,
        importId,
        rows.map((question, at) => ({
          number: at + 2,
          values: { question, answer: "a\nb" },
          problem: at === 1 ? { reason: "Missing", field: "answer", message: "there is no answer" } : null
        }))
      )
      yield* work.end(tenantId, importId, null)
      const all = yield* TestServer.request(`/imports/${id}/results`, { key: keys.write })
      assert.strictEqual(all.headers.get("content-type"), "text/csv; charset=utf-8")
      assert.include(all.headers.get("content-disposition"), "Fragen results.csv")
      assert.strictEqual(
        all.text.replace("\ufeff", ""),
        [
          "row,result,id,field,reason,message,question,answer",
          `2,cancelled,,,,,"'=HYPERLINK(""http://x"")","a\nb"`,
          `3,failed,,answer,Missing,there is no answer,'+1,"a\nb"`,
          `4,cancelled,,,,,'-1,"a\nb"`,
          `5,cancelled,,,,,'@x,"a\nb"`,
          `6,cancelled,,,,,'\tx,"a\nb"`,
          `7,cancelled,,,,,"plain, and ""quoted""","a\nb"`,
          ""
        ].join("\r\n")
      )
      const failed = yield* TestServer.request(`/imports/${id}/results?state=failed`, { key: keys.write })
      assert.lengthOf(failed.text.trim().split("\r\n"), 2)
      const strange = yield* TestServer.request(`/imports/${id}/results?state=odd`, { key: keys.write })
      assert.strictEqual(strange.status, 422)
      // Of others of the tenant, only administrators see it.
      assert.strictEqual((yield* TestServer.request(`/imports/${id}/results`, { key: keys.read })).status, 404)
      assert.strictEqual((yield* TestServer.request(`/imports/${id}/results`, { key: keys.admin })).status, 200)
    }))
})
