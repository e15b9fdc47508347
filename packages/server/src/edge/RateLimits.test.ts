import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("limits of tenants", (it) => {
  const setting = Effect.gen(function*() {
    const made = yield* TestServer.makeTenant
    const limit = (limits: Readonly<Record<string, number | string | null>>) =>
      TestServer.ok(made.keys.operator, "TenantsSetLimits", { tenantId: made.tenantId, limits })
    const dataset = (name: string) => TestServer.rpc(made.keys.write, "DatasetsCreate", { name })
    return { ...made, limit, dataset }
  })

  it.effect("are what the installation says until an operator says something else", () =>
    Effect.gen(function*() {
      const { keys, limit } = yield* setting
      const before = yield* TestServer.ok(keys.read, "AdminUsage", {})
      assert.strictEqual(before.limits.documents, "unlimited")
      assert.deepStrictEqual(before.usage, { datasets: 0, documents: 0, bytes: 0, segments: 0 })
      const set = yield* limit({ documents: 10, bytes: "unlimited" })
      assert.deepStrictEqual([set.limits.documents, set.limits.bytes, set.limits.segments], [
        10,
        "unlimited",
        "unlimited"
      ])
      assert.strictEqual((yield* limit({ segments: 5 })).limits.documents, 10)
      assert.strictEqual((yield* limit({ documents: null })).limits.documents, "unlimited")
      assert.strictEqual((yield* TestServer.ok(keys.read, "AdminUsage", {})).limits.segments, 5)
    }))

  it.effect("are set by operators alone, and for tenants that there are", () =>
    Effect.gen(function*() {
      const { keys, tenantId } = yield* setting
      const limits = { documents: 1 }
      assert.strictEqual(
        (yield* TestServer.refusal(keys.admin, "TenantsSetLimits", { tenantId, limits })).tag,
        "Forbidden"
      )
      const unknown = "01890a5d-ac96-774b-bcce-b302099a8057"
      const none = yield* TestServer.refusal(keys.operator, "TenantsSetLimits", { tenantId: unknown, limits })
      assert.deepStrictEqual(none, { status: 404, tag: "TenantNotFound" })
      const wrong = yield* TestServer.rpc(keys.operator, "TenantsSetLimits", { tenantId, limits: { documents: -1 } })
      assert.strictEqual(wrong.status, 422)
    }))

  it.effect("refuse one call too many, say when to come back, and let others in", () =>
    Effect.gen(function*() {
      const one = yield* setting
      const other = yield* setting
      yield* one.limit({ mutationsPerMinute: 2 })
      assert.strictEqual((yield* one.dataset("a")).status, 200)
      assert.strictEqual((yield* one.dataset("b")).status, 200)
      const refused = yield* one.dataset("c")
      assert.deepStrictEqual([refused.status, refused.json.error.data.tag], [429, "RateLimited"])
      const { limit, rate, retryable, retryAfterMs } = refused.json.error.data
      assert.deepStrictEqual([rate, limit, retryable], ["mutationsPerMinute", 2, true])
      assert.isTrue(retryAfterMs > 0 && retryAfterMs <= 30_000)
      assert.strictEqual(refused.headers.get("retry-after"), String(Math.ceil(retryAfterMs / 1_000)))
      // Reading is free, other kinds of calls have limits of their own, and so have other tenants.
      yield* TestServer.ok(one.keys.read, "DatasetsList", {})
      yield* TestServer.ok(one.keys.read, "SearchQuery", { text: "x", mode: "keyword" })
      assert.strictEqual((yield* other.dataset("a")).status, 200)
      // Operators can raise a limit that is reached.
      yield* one.limit({ mutationsPerMinute: 1_000_000 })
    }))

  it.effect("count uploads whichever way they come, and searches", () =>
    Effect.gen(function*() {
      const { keys, limit } = yield* setting
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
      yield* limit({ uploadsPerMinute: 2, searchesPerMinute: 1 })
      const post = (name: string) =>
        TestServer.request(`/datasets/${datasetId}/documents?name=${name}`, {
          method: "POST",
          body: name,
          key: keys.write
        })
      assert.strictEqual((yield* post("a")).status, 201)
      yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "b", text: "b" })
      const third = yield* post("c")
      assert.deepStrictEqual([third.status, third.json.error.tag], [429, "RateLimited"])
      assert.isNotNull(third.headers.get("retry-after"))
      const search = { text: "x", mode: "keyword" }
      yield* TestServer.ok(keys.read, "SearchQuery", search)
      assert.strictEqual((yield* TestServer.refusal(keys.read, "SearchQuery", search)).tag, "RateLimited")
    }))

  it.effect("refuse what does not fit, by every way in, and name the limit", () =>
    Effect.gen(function*() {
      const { keys, limit } = yield* setting
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
      yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "a", text: "a" })
      yield* limit({ documents: 1, datasets: 1 })
      const error = { quota: "documents", limit: 1 }
      const text = yield* TestServer.rpc(keys.write, "DocumentsIngestText", { datasetId, name: "b", text: "b" })
      assert.deepStrictEqual([text.status, text.json.error.data.tag], [429, "QuotaExceeded"])
      assert.include(text.json.error.data, error)
      const whole = yield* TestServer.request(`/datasets/${datasetId}/documents?name=b`, {
        method: "POST",
        body: "b",
        key: keys.write
      })
      assert.deepStrictEqual([whole.status, whole.json.error.tag], [429, "QuotaExceeded"])
      // Before a byte is sent.
      const begun = yield* TestServer.refusal(keys.write, "DocumentsUpload", { datasetId, name: "b" })
      assert.deepStrictEqual(begun, { status: 429, tag: "QuotaExceeded" })
      assert.deepStrictEqual(
        yield* TestServer.refusal(keys.write, "DatasetsCreate", { name: "e" }),
        { status: 429, tag: "QuotaExceeded" }
      )
      // What is there already takes no room.
      const again = yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "a", text: "a" })
      assert.isTrue(again.reused)
    }))

  it.effect("hold when a limit falls below what is there, and when what was begun before is finished", () =>
    Effect.gen(function*() {
      const { keys, limit } = yield* setting
      const { id: datasetId } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
      const { uploadId } = yield* TestServer.ok(keys.write, "DocumentsUpload", { datasetId, name: "late.txt" })
      yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "a", text: "a" })
      yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "b", text: "b" })
      yield* limit({ documents: 1 })
      const last = yield* TestServer.request(`/uploads/${uploadId}`, {
        method: "PATCH",
        body: "late",
        key: keys.write,
        headers: { "upload-offset": "0", "upload-complete": "?1" }
      })
      assert.deepStrictEqual([last.status, last.json.error.tag], [429, "QuotaExceeded"])
      assert.strictEqual((yield* TestServer.ok(keys.read, "AdminUsage", {})).usage.documents, 2)
      // With room made, the same upload goes on where it stands.
      yield* limit({ documents: 3 })
      const again = yield* TestServer.request(`/uploads/${uploadId}`, {
        method: "PATCH",
        key: keys.write,
        headers: { "upload-offset": "4", "upload-complete": "?1" }
      })
      assert.strictEqual(again.status, 201)
    }))
})
