import { assert, it } from "@effect/vitest"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import {
  CannotShow,
  Conflict,
  DocumentNameTaken,
  MetadataInvalid,
  QuotaExceeded,
  RateLimited,
  SegmentNotFound,
  UnsupportedFormat
} from "@sheaf/sdk/index"
import { encryptedPdf } from "@sheaf/worker/parsing/pdf/encryptedPdf"
import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { Effect, Layer, Redacted } from "effect"
import { textsOfPdf } from "../support/pdf/textsOfPdf.ts"
import { AllInOne } from "./support/AllInOne.ts"
import { client, collect, rejection } from "./support/client.ts"

const pages = (count: number, text: string) =>
  Effect.promise(() =>
    drawPdf(Array.from({ length: count }, (_, index) => ({ line }) => line(`${text} number ${index + 1}`, 100)))
  )

const pagesOf = async (bytes: ArrayBuffer) => (await textsOfPdf(new Uint8Array(bytes))).length

const layer = Layer.provide(
  AllInOne.layer,
  KeyRing.layer([{ id: "t", key: Redacted.make(new Uint8Array(32).fill(7)) }])
)

it.layer(layer, { timeout: "120 seconds" })("what people say of documents", (it) => {
  const setting = Effect.fnUntraced(function*(name: string) {
    const { keys, url } = yield* AllInOne
    const sheaf = yield* client({ url, key: keys.write })
    const operator = yield* client({ url, key: keys.operator })
    yield* Effect.promise(() => sheaf.datasets.create({ name }))
    return { sheaf, operator, dataset: name }
  })
  const step = <A>(call: () => PromiseLike<A>) => Effect.promise(() => Promise.resolve(call()))

  it.effect("is found by searches that wait for it", () =>
    Effect.gen(function*() {
      const { dataset, sheaf } = yield* setting("details")
      const { id } = yield* step(() =>
        sheaf.documents.ingest({ text: "The ferry leaves at noon." }, { dataset, name: "a" }).done()
      )
      const find = (waitFor: string, year: number) =>
        step(() =>
          sheaf.search({
            text: "ferry",
            datasets: [dataset],
            waitFor,
            filter: { field: "year", eq: year }
          })
        )
      const set = yield* step(() => sheaf.documents.setMetadata(id, { year: 2026, draft: true }))
      assert.deepStrictEqual([set.document.metadata, set.document.version], [{ year: 2026, draft: true }, 1])
      const found = yield* find(set.indexToken, 2026)
      assert.strictEqual(found.hits.length, 1)
      const removed = yield* step(() => sheaf.documents.setMetadata(id, { draft: null }, { ifVersion: 1 }))
      assert.deepStrictEqual(removed.document.metadata, { year: 2026 })
      const renamed = yield* step(() => sheaf.documents.rename(id, "b/../Ferries.txt"))
      assert.strictEqual(renamed.document.name, "Ferries.txt")
      const hit = yield* find(renamed.indexToken, 2026)
      assert.strictEqual(hit.hits[0]?.documentName, "Ferries.txt")
      assert.strictEqual((yield* find(renamed.indexToken, 2025)).hits.length, 0)
      const late = yield* rejection(() => sheaf.documents.rename(id, "c", { ifVersion: 1 }))
      assert.deepStrictEqual(late instanceof Conflict && late.currentVersion, 3)
    }))

  it.effect("must fit the fields of the dataset, and names what does not", () =>
    Effect.gen(function*() {
      const { dataset, sheaf } = yield* setting("fields")
      const { id } = yield* step(() => sheaf.documents.ingest({ text: "Before." }, { dataset, name: "before" }).done())
      yield* step(() => sheaf.datasets.update(dataset, { fields: [{ name: "year", type: "number", required: true }] }))
      const refused = yield* rejection(() => sheaf.documents.ingest({ text: "After." }, { dataset, name: "after" }))
      assert.deepStrictEqual(refused instanceof MetadataInvalid && refused.problems, [{
        field: "year",
        problem: "is required"
      }])
      const wrong = yield* rejection(() => sheaf.documents.setMetadata(id, { year: "then" }))
      assert.instanceOf(wrong, MetadataInvalid)
      // What was there before the field goes on as it is, and can be changed otherwise.
      yield* step(() => sheaf.documents.setMetadata(id, { note: "old" }))
      yield* step(() => sheaf.documents.setMetadata(id, { year: 1999 }))
      assert.instanceOf(yield* rejection(() => sheaf.documents.setMetadata(id, { year: null })), MetadataInvalid)
    }))

  it.effect("tells names apart where it is asked to", () =>
    Effect.gen(function*() {
      const { dataset, sheaf } = yield* setting("names")
      const ingest = (text: string, ifNameExists: "reject" | "rename") =>
        sheaf.documents.ingest({ text }, { dataset, name: "report.txt", ifNameExists })
      const first = yield* step(() => ingest("one", "reject"))
      const taken = yield* rejection(() => ingest("two", "reject"))
      assert.deepStrictEqual(taken instanceof DocumentNameTaken && `${taken.documentId}`, first.id)
      const second = yield* step(() => ingest("two", "rename"))
      assert.strictEqual((yield* step(() => sheaf.documents.get(second.id))).name, "report (1).txt")
      const clash = yield* rejection(() => sheaf.documents.rename(second.id, "report.txt", { ifNameExists: "reject" }))
      assert.instanceOf(clash, DocumentNameTaken)
      const numbered = yield* step(() => sheaf.documents.rename(second.id, "report.txt", { ifNameExists: "rename" }))
      assert.match(numbered.document.name, /^report \(\d\)\.txt$/)
    }))

  it.effect("replaces a document: the old version serves, whole, until the new one is there, and stays if that fails", () =>
    Effect.gen(function*() {
      const { dataset, sheaf } = yield* setting("replaced")
      const old = yield* pages(2, "Old harbour")
      const name = "harbour.pdf"
      const { id } = yield* step(() => sheaf.documents.ingest(old, { dataset, name }).done())
      const bytesOf = () => step(() => sheaf.documents.download(id).then((answer) => answer.arrayBuffer()))
      const texts = () =>
        step(() =>
          sheaf.search({ text: "harbour", datasets: [dataset] }).then(({ hits }) => hits.map(({ text }) => text))
        )
      assert.isTrue((yield* texts()).every((text) => text.includes("Old harbour")))

      // Bytes that cannot be built: the old version serves, and its original with it.
      const broken = yield* step(() => sheaf.documents.replace(id, new TextEncoder().encode("%PDF-1.7\nnothing")))
      assert.strictEqual(broken.id, id)
      yield* rejection(() => broken.done())
      assert.strictEqual((yield* bytesOf()).byteLength, old.byteLength)
      assert.isTrue((yield* texts()).length > 0)
      assert.isTrue((yield* texts()).every((text) => text.includes("Old harbour")))

      const next = yield* pages(3, "New harbour")
      const replaced = yield* step(() => sheaf.documents.ingest(next, { dataset, name, ifNameExists: "replace" }))
      assert.strictEqual(replaced.id, id)
      const document = yield* step(() => replaced.done())
      assert.deepStrictEqual([document.pages, document.size], [3, next.byteLength])
      assert.strictEqual((yield* bytesOf()).byteLength, next.byteLength)
      assert.isTrue((yield* texts()).every((text) => text.includes("New harbour")))
      assert.strictEqual((yield* step(() => sheaf.datasets.get(dataset))).bytes, next.byteLength)
    }))

  it.effect("shows the pages that hits cite, and a picture of the first", () =>
    Effect.gen(function*() {
      const { dataset, sheaf } = yield* setting("pages")
      const nine = yield* pages(9, "Lighthouse")
      const { id } = yield* step(() =>
        sheaf.documents.ingest(nine, { dataset, name: "light house.pdf" })
          .done()
      )
      const segments = yield* step(() => collect(sheaf.segments.list({ documentId: id })))
      const [segment] = segments
      const cited = new Set(segment!.boxes.map(({ page }) => page))
      const answer = yield* step(() => sheaf.documents.citedPages(id, [segment!.id]))
      assert.strictEqual(answer.headers.get("content-type"), "application/pdf")
      assert.strictEqual(answer.headers.get("x-content-type-options"), "nosniff")
      assert.include(answer.headers.get("content-security-policy"), "sandbox")
      assert.include(answer.headers.get("content-disposition"), "light house (cited pages).pdf")
      assert.strictEqual(yield* step(async () => pagesOf(await answer.arrayBuffer())), cited.size)
      const picture = yield* step(() => sheaf.documents.thumbnail(id))
      assert.strictEqual(picture.headers.get("content-type"), "image/webp")
      const bytes = yield* step(() => picture.arrayBuffer())
      assert.strictEqual(new TextDecoder("latin1").decode(bytes.slice(8, 12)), "WEBP")
      // The second time it is there already.
      const again = yield* step(async () => (await sheaf.documents.thumbnail(id)).arrayBuffer())
      assert.deepStrictEqual(new Uint8Array(again), new Uint8Array(bytes))

      const other = yield* step(() => sheaf.documents.ingest({ text: "No pages here." }, { dataset, name: "t" }).done())
      const [text] = yield* step(() => collect(sheaf.segments.list({ documentId: other.id })))
      const foreign = yield* rejection(() => sheaf.documents.citedPages(id, [text!.id]))
      assert.instanceOf(foreign, SegmentNotFound)
      const none = yield* rejection(() => sheaf.documents.citedPages(other.id, [text!.id]))
      assert.deepStrictEqual(none instanceof CannotShow && none.failure._tag, "Unsupported")
      const locked = yield* step(() => sheaf.documents.ingest(encryptedPdf, { dataset, name: "secret.pdf" }))
      yield* rejection(() => locked.done())
      const secret = yield* rejection(() => sheaf.documents.thumbnail(locked.id))
      assert.deepStrictEqual(secret instanceof CannotShow && secret.failure._tag, "Encrypted")
      yield* step(() => sheaf.documents.run(locked.id, { password: "open sesame" }))
      const opened = yield* step(() => sheaf.documents.done(locked.id))
      const sent = yield* step(() =>
        sheaf.documents.ingest(encryptedPdf, { dataset, name: "sent.pdf", ifSame: "new", password: "open sesame" })
          .done()
      )
      assert.deepStrictEqual([opened.status, sent.status, sent.segments], ["available", "available", 1])
    }), 120_000)

  it.effect("has a typed result for every one of many, also where a limit is reached in the middle", () =>
    Effect.gen(function*() {
      const { dataset, operator, sheaf } = yield* setting("limited")
      const { tenant } = yield* step(() => sheaf.info())
      const { usage } = yield* step(() => sheaf.usage())
      yield* step(() => operator.tenants.setLimits(tenant.id, { documents: usage.documents + 3 }))
      const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])
      const results = yield* step(() =>
        collect(sheaf.documents.ingestAll([
          { source: png, name: "a.png" },
          ...Array.from({ length: 6 }, (_, index) => ({ source: { text: `Text ${index}` }, name: `t${index}` }))
        ], { dataset, wait: false }))
      )
      const errors = results.flatMap((result) => result.ok ? [] : [result.error])
      assert.strictEqual(results.filter(({ ok }) => ok).length, 3)
      assert.strictEqual(errors.filter((error) => error instanceof UnsupportedFormat).length, 1)
      assert.strictEqual(errors.filter((error) => error instanceof QuotaExceeded).length, 3)
      yield* step(() => operator.tenants.setLimits(tenant.id, { documents: null, searchesPerMinute: 1 }))
      const impatient = yield* client({ ...(yield* AllInOne), key: (yield* AllInOne).keys.read, retries: 0 } as never)
      yield* step(() => impatient.search({ text: "x", datasets: [dataset] }))
      const limited = yield* rejection(() => impatient.search({ text: "x", datasets: [dataset] }))
      assert.isTrue(limited instanceof RateLimited && limited.retryable && limited.retryAfterMs > 0)
      yield* step(() => operator.tenants.setLimits(tenant.id, { searchesPerMinute: null }))
    }))

  it.effect("says in one call what became of a text, for scripts", () =>
    Effect.gen(function*() {
      const { keys, url } = yield* AllInOne
      const { dataset, sheaf } = yield* setting("waited")
      const { id: datasetId } = yield* step(() => sheaf.datasets.get(dataset))
      const post = (path: string, body: string) =>
        step(async () =>
          (await fetch(`${url}${path}`, { method: "POST", body, headers: { authorization: `Bearer ${keys.write}` } }))
            .json()
        )
      const created = yield* post(`/datasets/${datasetId}/documents?name=a.txt&waitMs=30000`, "Tides and moons.")
      assert.strictEqual(created.status, "available")
      const call = (params: object) => ({
        jsonrpc: "2.0",
        id: 1,
        method: "DocumentsIngestText",
        params: { datasetId, ...params }
      })
      const told = yield* post("/rpc/json", JSON.stringify(call({ name: "b", text: "Winds.", waitMs: 30_000 })))
      assert.strictEqual(told.result.status, "available")
      const empty = yield* post("/rpc/json", JSON.stringify(call({ name: "c", text: " ", waitMs: 30_000 })))
      assert.deepStrictEqual([empty.result.status, empty.result.cause._tag], ["error", "Empty"])
      const tooLong = yield* post("/rpc/json", JSON.stringify(call({ name: "d", text: "d", waitMs: 30_001 })))
      assert.include(tooLong.error.message + JSON.stringify(tooLong.error), "waitMs")
    }))
})
