import { assert, it } from "@effect/vitest"
import { assetKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { AssetsRepo } from "@sheaf/adapters/repos/documents/AssetsRepo"
import { DatasetId, DocumentId, RunId, Sha256 } from "@sheaf/domain/ids"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import * as TestServer from "../../../../test/support/TestServer.ts"

it.layer(TestServer.layer(), { timeout: "60 seconds" })("assets over HTTP", (it) => {
  /** A document whose newest run is published, with these found in it. */
  const having = Effect.fnUntraced(function*(...found: ReadonlyArray<{ text: string; type: string; name?: string }>) {
    const assets = yield* AssetsRepo
    const blobs = yield* BlobStore
    const sql = yield* SqlClient.SqlClient
    const { keys, tenantId } = yield* TestServer.makeTenant
    const { id } = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "d" })
    const datasetId = DatasetId.make(String(id))
    const accepted = yield* TestServer.ok(keys.write, "DocumentsIngestText", { datasetId, name: "n", text: "words" })
    const documentId = DocumentId.make(String(accepted["documentId"]))
    const runId = RunId.make(String(accepted["runId"]))
    const hashes = yield* Effect.forEach(found, ({ name, text, type }) =>
      Effect.gen(function*() {
        const bytes = Buffer.from(text)
        const hash = Sha256.make(createHash("sha256").update(bytes).digest("hex"))
        yield* blobs.put(assetKey({ tenantId, datasetId, documentId }, hash), Stream.make(bytes))
        yield* assets.record(tenantId, { datasetId, documentId, runId }, [
          { hash, mediaType: type, size: bytes.length, name: name ?? null, width: null, height: null }
        ])
        return hash
      }))
    yield* sql`update documents set published_run_id = ${runId} where id = ${documentId}`
    const get = (hash: string, headers: Readonly<Record<string, string>> = {}, key = keys.read) =>
      TestServer.request(`/documents/${documentId}/assets/${hash}`, { key, headers })
    return { documentId, get, hashes, keys }
  })

  it.effect("shows pictures, and saves all that a browser might run", () =>
    Effect.gen(function*() {
      const { get, hashes } = yield* having(
        { text: "png", type: "image/png", name: "Bild \"ä\".png" },
        { text: "<svg onload='x()'/>", type: "image/svg+xml", name: "a.svg" },
        { text: "<script>x()</script>", type: "text/html" },
        { text: "%PDF-", type: "application/pdf", name: "a.pdf" }
      )
      const answers = yield* Effect.forEach(hashes, (hash) => get(hash))
      assert.deepStrictEqual(answers.map(({ status }) => status), [200, 200, 200, 200])
      assert.deepStrictEqual(answers.map(({ headers }) => headers.get("content-type")), [
        "image/png",
        "application/octet-stream",
        "application/octet-stream",
        "application/pdf"
      ])
      const ways = answers.map(({ headers }) => headers.get("content-disposition")?.split(";")[0])
      assert.deepStrictEqual(ways, ["inline", "attachment", "attachment", "attachment"])
      assert.include(answers[0]!.headers.get("content-disposition"), "filename*=UTF-8''Bild%20%22%C3%A4%22.png")
      for (const { headers } of answers) {
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
        assert.strictEqual(headers.get("content-security-policy"), "default-src 'none'; sandbox")
        assert.strictEqual(headers.get("cache-control"), "private, no-cache")
      }
      assert.strictEqual(answers[1]!.text, "<svg onload='x()'/>")
    }))

  it.effect("gives a part, and nothing to who has it already", () =>
    Effect.gen(function*() {
      const { get, hashes: [hash] } = yield* having({ text: "0123456789", type: "image/png" })
      const part = yield* get(hash!, { range: "bytes=2-4" })
      assert.deepStrictEqual([part.status, part.text], [206, "234"])
      assert.strictEqual((yield* get(hash!, { "if-none-match": `"${hash}"` })).status, 304)
    }))

  it.effect("is for those alone who may see the document", () =>
    Effect.gen(function*() {
      const one = yield* having({ text: "mine", type: "image/png" })
      const other = yield* having({ text: "theirs", type: "image/png" })
      assert.strictEqual((yield* one.get(one.hashes[0]!, {}, other.keys.read)).status, 404)
      const foreign = yield* one.get(other.hashes[0]!)
      assert.strictEqual(foreign.status, 404)
      assert.include(foreign.text, "AssetNotFound")
      assert.strictEqual((yield* one.get("no-hash")).status, 422)
      const list = yield* TestServer.ok(one.keys.read, "AssetsList", { documentId: one.documentId })
      assert.deepInclude(list, { items: [{ ...list["items"][0], hash: one.hashes[0], mediaType: "image/png" }] })
    }))

  it.effect("lists in pages", () =>
    Effect.gen(function*() {
      const texts = ["a", "b", "c", "d", "e"].map((text) => ({ text, type: "text/plain" }))
      const { documentId, hashes, keys } = yield* having(...texts)
      const found: Array<string> = []
      for (let cursor: unknown;;) {
        const page = yield* TestServer.ok(keys.read, "AssetsList", {
          documentId,
          limit: 2,
          ...(cursor !== undefined && { cursor })
        })
        for (const { hash } of page["items"]) found.push(hash)
        cursor = page["next"]
        if (cursor === undefined) break
      }
      assert.deepStrictEqual(found, [...hashes].sort())
      const { status } = yield* TestServer.rpc(keys.read, "AssetsList", { documentId, cursor: "bm8" })
      assert.strictEqual(status, 422)
    }))
})
