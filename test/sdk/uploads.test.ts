import { assert, describe, it } from "@effect/vitest"
import { type Source, SourceUnreadable } from "@sheaf/sdk/index"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { createReadStream, mkdtempSync, openAsBlob, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { client, rejection } from "./support/client.ts"
import { contentHash, datasetId, documentId, runId } from "./support/samples.ts"
import { serve } from "./support/ScriptedServer.ts"
import { proxyTo } from "./support/Proxy.ts"
import { makeUploads } from "./support/uploads.ts"

const bytes = (length: number): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(length)
  for (let i = 0; i < length; i++) all[i] = (i * 2_654_435_761) >>> 24
  return all
}
const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex")

async function* inParts(data: Uint8Array, length: number) {
  for (let i = 0; i < data.length; i += length) yield data.subarray(i, i + length)
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "sheaf-sdk-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("ingest", () => {
  it.live("takes every kind of source, whole and in order", () =>
    Effect.gen(function*() {
      const data = bytes(3_000_000)
      const path = join(yield* folder, "manual.pdf")
      writeFileSync(path, data)
      const sources: Record<string, () => Source | Promise<Source>> = {
        path: () => path,
        bytes: () => data,
        buffer: () => data.buffer,
        blob: () => openAsBlob(path),
        file: () => new File([data], "manual.pdf"),
        response: () => new Response(data),
        "web stream": () => new Response(data).body!,
        "node stream": () => createReadStream(path),
        iterable: () => inParts(data, 70_001)
      }
      for (const [kind, make] of Object.entries(sources)) {
        const uploads = makeUploads()
        const { url } = yield* serve(uploads.script)
        const sheaf = yield* client({ url })
        const sent: Array<number> = []
        const accepted = yield* Effect.promise(async () =>
          sheaf.documents.ingest(await make(), {
            dataset: "manuals",
            onProgress: (event) => event.type === "uploading" && sent.push(event.sent)
          })
        )
        assert.strictEqual(accepted.id, documentId, kind)
        assert.strictEqual(uploads.sha256(), sha256(data), kind)
        assert.strictEqual(sent.at(-1), data.length, kind)
        assert.deepStrictEqual([...sent].sort((a, b) => a - b), sent, kind)
        if (kind === "path" || kind === "file") assert.strictEqual(uploads.state.name, "manual.pdf")
      }
    }), 30_000)

  it.live("takes text in one call, and an empty file", () =>
    Effect.gen(function*() {
      const uploads = makeUploads()
      const texts: Array<string> = []
      const { url } = yield* serve({
        ...uploads.script,
        handlers: {
          ...uploads.script.handlers,
          DocumentsIngestText: ({ text }) =>
            Effect.sync(() => {
              texts.push(text)
              return { documentId, runId, contentHash, reused: false }
            })
        }
      })
      const sheaf = yield* client({ url })
      yield* Effect.promise(() => sheaf.documents.ingest({ text: "# Hello" }, { dataset: datasetId }))
      assert.deepStrictEqual(texts, ["# Hello"])
      yield* Effect.promise(() => sheaf.documents.ingest({ text: "é".repeat(700_000) }, { dataset: datasetId }))
      assert.strictEqual(uploads.state.offset, 1_400_000)
      const empty = makeUploads()
      const other = yield* client({ url: (yield* serve(empty.script)).url })
      yield* Effect.promise(() => other.documents.ingest(new Uint8Array(), { dataset: datasetId }))
      assert.isTrue(empty.state.finished)
    }))

  it.live("goes on where the connection broke: file and stream", () =>
    Effect.gen(function*() {
      const data = bytes(8_000_000)
      for (const source of [() => data, () => inParts(data, 50_000)]) {
        const uploads = makeUploads()
        const { port } = yield* serve(uploads.script)
        const proxy = yield* proxyTo(port)
        const sheaf = yield* client({ url: proxy.url })
        let cut = false
        proxy.onSent = (total) => {
          if (cut || total < data.length * 0.4) return
          cut = true
          proxy.cut()
        }
        yield* Effect.promise(() => sheaf.documents.ingest(source(), { dataset: datasetId }))
        assert.isTrue(cut)
        assert.strictEqual(uploads.sha256(), sha256(data))
        assert.isBelow(proxy.sent(), data.length * 1.1)
      }
    }), 30_000)

  it.live("begins again when the server has forgotten the upload", () =>
    Effect.gen(function*() {
      const uploads = makeUploads()
      const { url } = yield* serve({
        ...uploads.script,
        handlers: {
          ...uploads.script.handlers,
          DocumentsUpload: (payload, context) => {
            // The first one is forgotten at once.
            const made = uploads.script.handlers!.DocumentsUpload!(payload, context)
            return forgets++ === 0
              ? Effect.tap(made as Effect.Effect<never>, () => Effect.sync(() => (uploads.state.begun = 0)))
              : made
          }
        }
      })
      let forgets = 0
      const sheaf = yield* client({ url })
      yield* Effect.promise(() => sheaf.documents.ingest(bytes(100_000), { dataset: datasetId }))
      assert.strictEqual(uploads.state.offset, 100_000)
    }))

  it.live("says why a source cannot be read", () =>
    Effect.gen(function*() {
      const { url } = yield* serve(makeUploads().script)
      const sheaf = yield* client({ url })
      const missing = yield* rejection(() => sheaf.documents.ingest("/nowhere/at/all.pdf", { dataset: datasetId }))
      assert.instanceOf(missing, SourceUnreadable)
      assert.include(missing.message, "there is no such file")
      const broken = yield* rejection(() =>
        sheaf.documents.ingest(
          (async function*() {
            yield bytes(10)
            throw new Error("the disk is gone")
          })(),
          { dataset: datasetId }
        )
      )
      assert.include((broken as Error).message, "the disk is gone")
      const wrong = yield* rejection(() =>
        sheaf.documents.ingest(new Response("", { status: 404 }), { dataset: datasetId })
      )
      assert.include((wrong as Error).message, "404")
    }))

  it.live("reads a stream of 64 MB no further ahead than one piece", () =>
    Effect.gen(function*() {
      const uploads = makeUploads()
      const { url } = yield* serve(uploads.script)
      const part = bytes(64 * 1024)
      const sheaf = yield* client({ url })
      let produced = 0
      let ahead = 0
      yield* Effect.promise(() =>
        sheaf.documents.ingest(
          (async function*() {
            for (let i = 0; i < 1_024; i++) {
              produced += part.length
              ahead = Math.max(ahead, produced - uploads.state.offset)
              yield part
            }
          })(),
          { dataset: datasetId }
        )
      )
      assert.strictEqual(uploads.state.offset, 64 * 1024 * 1024)
      assert.isAtMost(ahead, 8 * 1024 * 1024 + part.length)
    }), 30_000)
})
