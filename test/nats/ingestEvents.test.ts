import { assert, it } from "@effect/vitest"
import { BlobKey, BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { IngestEventsRepo } from "@sheaf/adapters/repos/events/IngestEventsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import { DocumentId, Sha256, UploadId } from "@sheaf/domain/ids"
import { IngestEvents } from "@sheaf/worker/sources/ingest/IngestEvents"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { makeDataset, makeTenant, some } from "../repos/world.ts"
import { census, engines, Faults, live, maxBytes, webServer } from "./support/world.ts"

const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value))
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

let serial = 0

/** A tenant with a dataset, and what it takes to send it events. */
const makeWorld = Effect.gen(function*() {
  const { caller, tenantId } = yield* makeTenant
  const datasetId = yield* makeDataset(caller)
  const ingest = yield* IngestEvents
  const event = (fields: Record<string, unknown>) => ({
    version: 1,
    eventId: `e-${++serial}`,
    dataset: { id: datasetId },
    name: "manual.md",
    content: { text: `text ${serial}` },
    ...fields
  })
  const send = (message: unknown, tenant: string = tenantId) =>
    live(ingest.take({ tenant, times: 1, bytes: message instanceof Uint8Array ? message : bytesOf(message) }))
  const outcome = (fields: Record<string, unknown>) => Effect.map(send(event(fields)), (verdict) => verdict.outcome)
  /** The tag of the reason, or of the acceptance. */
  const tag = (fields: Record<string, unknown>) =>
    Effect.map(outcome(fields), (outcome) => outcome._tag === "Rejected" ? outcome.reason._tag : outcome._tag)
  return { caller, tenantId, datasetId, event, send, outcome, tag, census: census(tenantId) }
})

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`IngestEvents on ${name}`, (it) => {
    it.effect("makes a document of an event, once, however often it comes", () =>
      Effect.gen(function*() {
        const { census, event, send } = yield* makeWorld
        const message = event({ metadata: { edition: 2 }, ifSame: "new", lane: "bulk" })
        const first = yield* send(message)
        assert.strictEqual(first.outcome._tag, "Accepted")
        assert.strictEqual(first.eventId, message.eventId)
        assert.deepStrictEqual(yield* send(message), first)
        const together = yield* Effect.all(Array.from({ length: 8 }, () => send(message)), { concurrency: 8 })
        for (const verdict of together) assert.deepStrictEqual(verdict, first)
        assert.deepStrictEqual(yield* census, { documents: 1, runs: 1, jobs: 1, events: 1, audited: 1, blobs: 1 })
      }))

    it.effect("does nothing twice when the same event comes to many at the same time", () =>
      Effect.gen(function*() {
        const { census, event, send } = yield* makeWorld
        const message = event({ ifSame: "new" })
        const verdicts = yield* Effect.all(Array.from({ length: 12 }, () => send(message)), { concurrency: 12 })
        assert.lengthOf(new Set(verdicts.map((verdict) => JSON.stringify(verdict))), 1)
        assert.deepStrictEqual(yield* census, { documents: 1, runs: 1, jobs: 1, events: 1, audited: 1, blobs: 1 })
      }))

    it.effect("keeps an id for the content that it came with first", () =>
      Effect.gen(function*() {
        const { census, event, send } = yield* makeWorld
        const message = event({})
        const other = { ...message, name: "other.md" }
        const first = yield* send(message)
        const second = yield* send(other)
        assert.deepInclude(second.outcome, { _tag: "Rejected", reason: { _tag: "EventIdReused" } })
        assert.deepStrictEqual(yield* send(message), first)
        assert.deepStrictEqual(yield* send(other), second)
        assert.include(yield* census, { documents: 1, audited: 1 })
      }))

    it.effect("follows the policy for the same content", () =>
      Effect.gen(function*() {
        const { outcome, tag } = yield* makeWorld
        const content = { text: "the very same" }
        const first = yield* outcome({ content })
        const again = yield* outcome({ content })
        assert.strictEqual(first._tag === "Accepted" && first.documentId, again._tag === "Accepted" && again.documentId)
        assert.isTrue(again._tag === "Accepted" && again.reused)
        assert.strictEqual(yield* tag({ content, ifSame: "reject" }), "DocumentExists")
        const another = yield* outcome({ content, ifSame: "new" })
        assert.isTrue(another._tag === "Accepted" && !another.reused)
      }))

    it.effect("finds its dataset by name, and only one that the person may see", () =>
      Effect.gen(function*() {
        const { caller, tag } = yield* makeWorld
        const other = yield* makeWorld
        const sql = yield* SqlClient.SqlClient
        const secret = yield* makeDataset(caller, "private")
        yield* sql`update datasets set owner = 'person:ada', name = 'secrets' where id = ${secret}`
        assert.strictEqual(yield* tag({ dataset: { name: "secrets" }, onBehalfOf: { id: "ada" } }), "Accepted")
        for (
          const fields of [
            { dataset: { name: "secrets" } },
            { dataset: { id: secret }, onBehalfOf: { id: "bob" } },
            { dataset: { id: other.datasetId } },
            { dataset: { name: "nothing" } }
          ]
        ) {
          assert.strictEqual(yield* tag(fields), "DatasetNotFound", JSON.stringify(fields))
        }
        assert.include(yield* other.census, { documents: 0, blobs: 0 })
      }))

    it.effect("refuses what it cannot read, each with a reason, and keeps nothing of it", () =>
      Effect.gen(function*() {
        const { census, event, send, tag, tenantId } = yield* makeWorld
        const reasons = (messages: ReadonlyArray<unknown>) =>
          Effect.forEach(messages, (message) =>
            Effect.map(send(message), ({ eventId, outcome }) => {
              assert.match(eventId, /^(e-\d+|unnamed-[0-9a-f]{32})$/)
              return outcome._tag === "Rejected" ? outcome.reason._tag : outcome._tag
            }))
        assert.deepStrictEqual(
          yield* reasons([
            "{",
            "",
            new Uint8Array([255, 254]),
            event({ surplus: 1 }),
            event({ version: 7 }),
            event({ tenant: tenantId.replace(/^.{8}/, "00000000") })
          ]),
          ["Malformed", "Malformed", "Malformed", "Malformed", "UnsupportedVersion", "TenantMismatch"]
        )
        assert.strictEqual(yield* tag({ tenant: tenantId }), "Accepted")
        assert.strictEqual(yield* tag({ content: { text: "x".repeat(maxBytes + 1) } }), "TooLarge")
        assert.strictEqual(yield* tag({ content: { text: "hello" }, sha256: sha256("hallo") }), "HashMismatch")
        assert.strictEqual(yield* tag({ content: { text: "hello" }, sha256: sha256("hello") }), "Accepted")
        const size = Buffer.alloc(maxBytes).toString("base64")
        assert.strictEqual(yield* tag({ content: { base64: size } }), "Accepted")
        assert.include(yield* census, { documents: 3, blobs: 3 })
        // The same malformed bytes have the same name and the same answer.
        assert.deepStrictEqual(yield* send("{"), yield* send("{"))
        for (const token of ["acme", tenantId.toUpperCase(), tenantId.replace(/^.{8}/, "00000000")]) {
          const { outcome, tenant } = yield* send(event({}), token)
          assert.strictEqual(tenant, token)
          assert.deepInclude(outcome, { reason: { _tag: "UnknownTenant" } })
        }
      }))

    it.effect("refuses what a suspended tenant sends", () =>
      Effect.gen(function*() {
        const { event, send, tag, tenantId } = yield* makeWorld
        const tenants = yield* TenantsRepo
        const before = event({})
        const accepted = yield* send(before)
        yield* tenants.setState(tenantId, "suspended")
        assert.strictEqual(yield* tag({}), "TenantSuspended")
        assert.deepStrictEqual(yield* send(before), accepted)
      }))

    it.effect("takes bytes from where an event refers to, and from nowhere else", () =>
      Effect.gen(function*() {
        const { caller, census, datasetId, event, send, tag, tenantId } = yield* makeWorld
        const foreign = yield* makeWorld
        const store = yield* BlobStore
        const uploads = yield* UploadsRepo
        const put = (key: string) => store.put(BlobKey.make(key), Stream.succeed(bytesOf(`in ${key}`)))
        yield* put(`${tenantId}/inbox/a/b.txt`)
        yield* put(`${foreign.tenantId}/inbox/a/b.txt`)
        assert.strictEqual(yield* tag({ content: { blob: `${tenantId}/inbox/a/b.txt` } }), "Accepted")
        const documents = yield* store.list(BlobKey.make(tenantId)).pipe(Stream.runCollect)
        const raw = documents.find((key) => key.endsWith("/raw"))!
        for (
          const blob of [
            `${tenantId}/inbox/missing`,
            `${foreign.tenantId}/inbox/a/b.txt`,
            `${tenantId}/inbox/../${foreign.tenantId}/inbox/a/b.txt`,
            `${tenantId}/inbox`,
            raw,
            "/etc/passwd"
          ]
        ) {
          assert.strictEqual(yield* tag({ content: { blob } }), "ReferenceNotFound", blob)
        }

        const begin = Effect.fnUntraced(function*(text: string, options: { size?: number; sha256?: string } = {}) {
          const upload = { id: yield* newId(UploadId), documentId: yield* newId(DocumentId) }
          yield* uploads.insert(caller, {
            ...upload,
            datasetId,
            name: "upload",
            size: options.size ?? null,
            sha256: options.sha256 === undefined ? null : Sha256.make(options.sha256),
            options: { metadata: {}, ifSame: "new", lane: "interactive" }
          })
          yield* store.stage(rawKey({ tenantId, datasetId, ...upload }), 0, Stream.succeed(bytesOf(text)))
          return upload
        })
        const upload = yield* begin("staged bytes")
        const message = event({ content: { uploadId: upload.id } })
        const verdict = yield* send(message)
        assert.deepInclude(verdict.outcome, { _tag: "Accepted", documentId: upload.documentId, reused: false })
        assert.deepStrictEqual(yield* send(message), verdict)
        // Another event about the same upload is told what became of it.
        const again = yield* send(event({ content: { uploadId: upload.id } }))
        assert.deepInclude(again.outcome, { _tag: "Accepted", documentId: upload.documentId })
        const { documents: made } = yield* census
        assert.strictEqual(made, 2)

        const half = yield* begin("half", { size: 8 })
        const wrong = yield* begin("wrong", { sha256: sha256("right") })
        const elsewhere = yield* makeDataset(caller)
        const fine = yield* begin("fine")
        const unfit = [
          { content: { uploadId: half.id } },
          { content: { uploadId: yield* newId(UploadId) } },
          { content: { uploadId: fine.id }, dataset: { id: elsewhere } }
        ]
        for (const fields of unfit) assert.strictEqual(yield* tag(fields), "ReferenceNotFound")
        assert.strictEqual(yield* tag({ content: { uploadId: wrong.id } }), "HashMismatch")
        // The same bytes are there already: the upload's own are not needed.
        const same = yield* begin("staged bytes")
        const reused = yield* send(event({ content: { uploadId: same.id } }))
        assert.deepInclude(reused.outcome, { documentId: upload.documentId, reused: true })
        assert.isTrue((yield* store.size(rawKey({ tenantId, datasetId, documentId: same.documentId })))._tag === "None")
      }))

    it.effect("fetches URLs through the guarded door", () =>
      Effect.gen(function*() {
        const { census, event, send, tag } = yield* makeWorld
        let served = 0
        const url = yield* webServer((path, response) => {
          served++
          if (path === "/busy") return response.writeHead(503).end()
          if (path === "/inward") return response.writeHead(302, { location: "http://127.0.0.2/" }).end()
          if (path === "/large") return response.end(Buffer.alloc(maxBytes + 1))
          if (path === "/gone") return response.writeHead(404).end()
          return response.writeHead(200, { "content-type": "text/html" }).end("<p>hello</p>")
        })
        const message = event({ content: { url: `${url}/page` } })
        const verdict = yield* send(message)
        assert.strictEqual(verdict.outcome._tag, "Accepted")
        assert.deepStrictEqual(yield* send(message), verdict)
        assert.strictEqual(served, 1)
        assert.strictEqual(yield* tag({ content: { url: `${url}/inward` } }), "UrlRefused")
        assert.strictEqual(yield* tag({ content: { url: "http://169.254.169.254/latest/meta-data/" } }), "UrlRefused")
        assert.strictEqual(yield* tag({ content: { url: "file:///etc/passwd" } }), "UrlRefused")
        assert.strictEqual(yield* tag({ content: { url: `${url}/large` } }), "TooLarge")
        assert.strictEqual(yield* tag({ content: { url: `${url}/gone` } }), "UrlUnfetchable")
        // A server that is down is asked again, and given up in the end.
        const busy = event({ content: { url: `${url}/busy` } })
        for (let attempt = 1; attempt <= 5; attempt++) {
          const { after, isOutage } = yield* Effect.flip(send(busy))
          assert.isFalse(isOutage)
          assert.isDefined(after)
        }
        const { outcome } = yield* send(busy)
        assert.deepInclude(outcome, { reason: { _tag: "UrlUnfetchable", detail: "the server answered 503" } })
        const before = served
        assert.deepStrictEqual((yield* send(busy)).outcome, outcome)
        assert.strictEqual(served, before)
        assert.include(yield* census, { documents: 1, blobs: 1 })
      }))

    it.effect("blames nobody for an outage, and gives up what always fails", () =>
      Effect.gen(function*() {
        const { event, send } = yield* makeWorld
        const faults = yield* Faults
        const message = event({})
        faults.blobsDown = true
        for (let attempt = 0; attempt < 10; attempt++) assert.isTrue((yield* Effect.flip(send(message))).isOutage)
        faults.blobsDown = false
        assert.strictEqual((yield* send(message)).outcome._tag, "Accepted")
        faults.blobsBroken = true
        const poison = event({})
        for (let attempt = 1; attempt <= 5; attempt++) assert.isFalse((yield* Effect.flip(send(poison))).isOutage)
        const { outcome } = yield* send(poison)
        assert.isTrue(outcome._tag === "Rejected" && outcome.reason._tag === "Internal")
        faults.blobsBroken = false
        assert.deepStrictEqual((yield* send(poison)).outcome, outcome)
      }))

    it.effect("lists what was decided, newest first, page by page, and forgets it after its time", () =>
      Effect.gen(function*() {
        const { event, send, tenantId } = yield* makeWorld
        const repo = yield* IngestEventsRepo
        const sql = yield* SqlClient.SqlClient
        const sent: Array<string> = []
        for (let index = 0; index < 7; index++) {
          const message = event({ ...(index % 2 === 0 && { dataset: { name: "nowhere" } }) })
          yield* send(message)
          sent.unshift(message.eventId)
        }
        const all = some(yield* repo.list(tenantId, {}))
        assert.deepStrictEqual(all.items.map((item) => item.eventId), sent as Array<never>)
        assert.isUndefined(all.next)
        const pages: Array<string> = []
        let page = some(yield* repo.list(tenantId, { limit: 3, state: "rejected" }))
        pages.push(...page.items.map((item) => item.eventId))
        while (page.next !== undefined) {
          page = some(yield* repo.list(tenantId, { limit: 3, state: "rejected", cursor: page.next }))
          pages.push(...page.items.map((item) => item.eventId))
        }
        assert.deepStrictEqual(pages, sent.filter((_, index) => index % 2 === 0))
        assert.deepInclude(all.items[0]!.outcome, { reason: { _tag: "DatasetNotFound", dataset: "\"nowhere\"" } })
        yield* sql`update ingest_events set received_at = now() - interval '31 days'
          where tenant_id = ${tenantId} and event_id <> ${sent[0]!}`
        assert.isAtLeast(yield* repo.expire, 6)
        assert.lengthOf(some(yield* repo.list(tenantId, {})).items, 1)
      }))
  })
}
