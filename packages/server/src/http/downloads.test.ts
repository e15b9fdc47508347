import { assert, it } from "@effect/vitest"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { DocumentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("downloads", (it) => {
  const text = "0123456789".repeat(50_000)

  const setting = Effect.fnUntraced(function*(name = "a.txt", mediaType = "text/plain") {
    const { keys, tenantId } = yield* TestServer.makeTenant
    const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const { documentId } = yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name, text })
    const documents = yield* DocumentsRepo
    yield* documents.setMediaType(tenantId, documentId as DocumentId, mediaType)
    const get = (headers: Readonly<Record<string, string>> = {}, method = "GET") =>
      TestServer.request(`/documents/${documentId}/content`, { key: keys.read, headers, method })
    return { get, etag: `"${createHash("sha256").update(text).digest("hex")}"` }
  })

  it.effect("give the bytes, and say what they are", () =>
    Effect.gen(function*() {
      const { etag, get } = yield* setting("Bericht \"März\" ünd 日本.txt")
      const whole = yield* get()
      assert.deepStrictEqual([whole.status, whole.text === text], [200, true])
      const header = (name: string) => whole.headers.get(name)
      assert.strictEqual(header("etag"), etag)
      assert.strictEqual(header("content-type"), "text/plain")
      assert.strictEqual(header("content-length"), "500000")
      assert.strictEqual(header("accept-ranges"), "bytes")
      assert.strictEqual(header("x-content-type-options"), "nosniff")
      assert.include(header("content-security-policy"), "sandbox")
      assert.strictEqual(
        header("content-disposition"),
        "attachment; filename=\"Bericht _M_rz_ _nd __.txt\"; " +
          "filename*=UTF-8''Bericht%20%22M%C3%A4rz%22%20%C3%BCnd%20%E6%97%A5%E6%9C%AC.txt"
      )
      const head = yield* get({}, "HEAD")
      assert.deepStrictEqual([head.status, head.headers.get("content-length"), head.text], [200, "500000", ""])
    }))

  it.effect("give a part", () =>
    Effect.gen(function*() {
      const { etag, get } = yield* setting()
      const cases = [
        ["bytes=0-9", "0123456789", "bytes 0-9/500000"],
        ["bytes=499995-", "56789", "bytes 499995-499999/500000"],
        ["bytes=-3", "789", "bytes 499997-499999/500000"],
        ["bytes=499999-600000", "9", "bytes 499999-499999/500000"]
      ] as const
      for (const [range, expected, contentRange] of cases) {
        const part = yield* get({ range })
        assert.deepStrictEqual([part.status, part.text, part.headers.get("content-range")], [
          206,
          expected,
          contentRange
        ])
      }
      for (const range of ["bytes=500000-", "bytes=-0"]) {
        const none = yield* get({ range })
        assert.deepStrictEqual([none.status, none.headers.get("content-range")], [416, "bytes */500000"])
      }
      for (const range of ["bytes=5-4", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=-"]) {
        assert.strictEqual((yield* get({ range })).status, 200, range)
      }
      assert.strictEqual((yield* get({ range: "bytes=0-9", "if-range": etag })).status, 206)
      assert.strictEqual((yield* get({ range: "bytes=0-9", "if-range": "\"other\"" })).status, 200)
    }))

  it.effect("are not repeated for who has them", () =>
    Effect.gen(function*() {
      const { etag, get } = yield* setting()
      for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        const same = yield* get({ "if-none-match": tag })
        assert.deepStrictEqual([same.status, same.text, same.headers.get("etag")], [304, "", etag])
      }
      assert.strictEqual((yield* get({ "if-none-match": "\"x\"" })).status, 200)
    }))

  it.effect("are never something that a browser runs", () =>
    Effect.gen(function*() {
      for (const mediaType of ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript"]) {
        const { get } = yield* setting("a.html", mediaType)
        const { headers } = yield* get()
        assert.strictEqual(headers.get("content-type"), "application/octet-stream", mediaType)
        assert.match(headers.get("content-disposition") ?? "", /^attachment;/)
      }
    }))
})
