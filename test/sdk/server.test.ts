import { assert, it } from "@effect/vitest"
import { Empty, Forbidden, StateConflict, UploadTooLarge } from "@sheaf/sdk/index"
import { Effect } from "effect"
import { PDFDocument, StandardFonts } from "pdf-lib"
import { inPage, type Sdk } from "./support/browser.ts"
import { client, collect, rejection } from "./support/client.ts"
import { AllInOne } from "./support/AllInOne.ts"
import { Pages } from "./support/Pages.ts"
import { proxyTo } from "./support/Proxy.ts"

const pdf = async (...pages: ReadonlyArray<string>): Promise<Uint8Array> => {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  for (const text of pages) document.addPage().drawText(text, { x: 50, y: 700, font, size: 12 })
  return document.save()
}

it.layer(AllInOne.layer, { timeout: "2 minutes", excludeTestServices: true })("the SDK with a real server", (it) => {
  it.effect("ingests, watches, searches, downloads and deletes", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const sheaf = yield* client({ url, key: keys.write })
      yield* Effect.promise(async () => {
        const dataset = await sheaf.datasets.ensure("boats")
        assert.strictEqual((await sheaf.datasets.ensure("boats")).id, dataset.id)
        const bytes = await pdf("How to rig a dinghy.", "Bleed the radiators before winter.")
        const events: Array<string> = []
        const accepted = await sheaf.documents.ingest(new File([bytes as Uint8Array<ArrayBuffer>], "rigging.pdf"), {
          dataset: "boats",
          metadata: { year: 2026 },
          onProgress: ({ type }) => events.at(-1) !== type && events.push(type)
        })
        const looks = await collect(accepted.progress())
        assert.strictEqual(looks.at(-1)?.state, "published")
        const document = await accepted.done()
        assert.deepStrictEqual(
          [document.name, document.pages, document.status],
          ["rigging.pdf", 2, "available"]
        )
        assert.deepStrictEqual(events, ["uploading", "accepted", "progress", "done"])

        const again = await sheaf.documents.ingest(bytes, { dataset })
        assert.deepStrictEqual([again.id, again.reused], [document.id, true])

        const { hits } = await sheaf.search({ text: "radiators in winter", datasets: ["boats"] })
        assert.strictEqual(hits[0]?.documentId, document.id)
        assert.isTrue(hits[0]?.citation.boxes.some(({ page }) => page === 2))

        const segments = await sheaf.segments.list({ documentId: document.id }).toArray({ limit: 10 })
        assert.strictEqual(segments.length, document.segments)
        const original = await sheaf.documents.download(document.id)
        assert.deepStrictEqual(new Uint8Array(await original.arrayBuffer()), bytes)

        const happened: Array<string> = []
        for await (const { body } of sheaf.events.since("0", { dataset })) {
          happened.push(body._tag)
          if (body._tag === "DocumentPublished") break
        }
        assert.deepStrictEqual(happened, ["DatasetCreated", "DocumentAccepted", "DocumentPublished"])

        await sheaf.documents.delete(document.id)
        assert.deepStrictEqual((await sheaf.search({ text: "radiators", datasets: [dataset] })).hits, [])
      })
    }), 60_000)

  it.effect("goes on with an upload that broke off", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const proxy = yield* proxyTo(Number(new URL(url).port))
      const sheaf = yield* client({ url: proxy.url, key: keys.write })
      const bytes = new Uint8Array(4_000_000)
      let cut = false
      proxy.onSent = (total) => {
        if (cut || total < bytes.length * 0.4) return
        cut = true
        proxy.cut()
      }
      const accepted = yield* Effect.promise(async () => {
        await sheaf.datasets.ensure("uploads")
        return sheaf.documents.ingest(new Blob([bytes]), { dataset: "uploads", name: "picture.raw" })
      })
      assert.isTrue(cut)
      assert.isBelow(proxy.sent(), bytes.length * 1.1)
      const document = yield* Effect.promise(() => sheaf.documents.get(accepted.id))
      assert.strictEqual(document.size, bytes.length)
    }), 60_000)

  it.effect("says what is wrong, with the server's own errors", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const sheaf = yield* client({ url, key: keys.write })
      const dataset = yield* Effect.promise(() => sheaf.datasets.ensure("errors"))
      const empty = yield* rejection(() => sheaf.documents.ingest(new Uint8Array(), { dataset, name: "a.txt" }).done())
      assert.instanceOf(empty, Empty)
      const conflict = yield* rejection(() => sheaf.documents.cancel(empty.documentId))
      assert.instanceOf(conflict, StateConflict)
      const forbidden = yield* rejection(() => sheaf.keys.list())
      assert.instanceOf(forbidden, Forbidden)
      assert.include(forbidden.hint, "admin")
      const large = new Response("not so large", { headers: { "content-length": "1000000000000" } })
      const tooLarge = yield* rejection(() => sheaf.documents.ingest(large, { dataset }))
      assert.instanceOf(tooLarge, UploadTooLarge)
    }), 60_000)

  it.effect("works for operators, who make tenants", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const operator = yield* client({ url, key: keys.operator })
      const { key, tenant } = yield* Effect.promise(() => operator.tenants.create("another"))
      const admin = yield* client({ url, key: key.secret })
      const info = yield* Effect.promise(() => admin.info())
      assert.deepStrictEqual([info.tenant.id, info.scopes], [tenant.id, ["admin"]])
      const made = yield* Effect.promise(() => admin.keys.create({ name: "reader", scopes: ["read"] }))
      const listed = yield* Effect.promise(() => admin.keys.list().toArray({ limit: 100 }))
      assert.include(listed.map(({ id }) => id), made.key.id)
    }), 60_000)

  it.effect("uploads, watches and searches in a browser", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const { known } = yield* Pages
      const found = yield* inPage(known, { url, key: keys.write }, async ({ connect }, options) => {
        const sheaf = connect(options)
        const dataset = await sheaf.datasets.ensure("from a page")
        const sent: Array<number> = []
        // Of no kind that is parsed: only the way there is looked at.
        const file = new File([new Uint8Array(3_000_000)], "picture.raw")
        const accepted = await sheaf.documents.ingest(file, {
          dataset,
          onProgress: (event) => event.type === "uploading" && sent.push(event.sent)
        })
        const note = sheaf.documents.ingest({ text: "Herons eat fish." }, { dataset, name: "note.txt" })
        const states: Array<string> = []
        for await (const { state } of (await note).progress()) states.push(state)
        const { hits } = await sheaf.search({ text: "what do herons eat", datasets: [dataset] })
        const original = await sheaf.documents.download(accepted.id)
        return {
          sent: sent.at(-1),
          size: file.size,
          last: states.at(-1),
          hit: hits[0]?.text,
          bytes: (await original.arrayBuffer()).byteLength
        }
      })
      assert.deepStrictEqual(found, {
        sent: 3_000_000,
        size: 3_000_000,
        last: "published",
        hit: "Herons eat fish.",
        bytes: 3_000_000
      })
    }), 60_000)

  it.effect("asks again for a part of it that did not come", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const { known } = yield* Pages
      const found = yield* inPage(known, { url, key: keys.write }, async (sdk, options) => {
        const sheaf = sdk.connect({ ...options, retries: 0 })
        const names = () =>
          sheaf.info().then(({ scopes }) => scopes.join(), (error: unknown) =>
            error instanceof sdk.Unreachable ? error.message : String(error))
        await fetch("/breaks")
        return [await names(), await names(), await names()]
      })
      assert.include(found[0], "a part of this client could not be loaded")
      assert.deepStrictEqual(found.slice(1), ["write", "write"])
    }), 60_000)

  it.effect(
    "is kept out of pages of other origins, and keeps powerful keys out of pages",
    () =>
      Effect.gen(function*() {
        const { keys, url } = yield* AllInOne
        const { foreign, known } = yield* Pages
        const tryIt = async (sdk: Sdk, options: { url: string; key: string }) => {
          const sheaf = sdk.connect({ ...options, retries: 0 })
          const error: unknown = await sheaf.info().then(() => undefined, (error: unknown) => error)
          // What a page could still try by itself.
          const plain = await fetch(`${options.url}/health/live`).then((answer) => answer.status, () => "refused")
          return { tag: error instanceof sdk.SheafError ? error._tag : String(error), plain }
        }
        assert.deepStrictEqual(yield* inPage(foreign, { url, key: keys.write }, tryIt), {
          tag: "Unreachable",
          plain: "refused"
        })
        assert.deepStrictEqual(yield* inPage(known, { url, key: keys.admin }, tryIt), {
          tag: "KeyInBrowser",
          plain: 200
        })
      }),
    60_000
  )
})
