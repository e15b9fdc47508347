import { assert, it } from "@effect/vitest"
import { BlobKey, BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { newId } from "@sheaf/adapters/repos/newId"
import { UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import { DocumentId, Sha256, type TenantId, UploadId } from "@sheaf/domain/ids"
import { IngestEvents } from "@sheaf/worker/sources/ingest/IngestEvents"
import { Deferred, Duration, Effect, Fiber, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { makeDataset, makeTenant } from "../repos/world.ts"
import * as Database from "../support/database/Database.ts"
import { census, decisions, live, maxBytes, webServer } from "./support/world.ts"

// What an event leaves when something dies, hangs or lies in the middle of it.

const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value))
const sha256 = (text: string) => Sha256.make(createHash("sha256").update(text).digest("hex"))

let serial = 0

const makeWorld = Effect.gen(function*() {
  const { caller, tenantId } = yield* makeTenant
  const datasetId = yield* makeDataset(caller)
  const event = (fields: Record<string, unknown>) => ({
    version: 1,
    eventId: `f-${++serial}`,
    dataset: { id: datasetId },
    name: "manual.md",
    content: { text: `text ${serial}` },
    ...fields
  })
  return { caller, tenantId, datasetId, event, census: census(tenantId) }
})

const send = (tenant: string, message: unknown, times = 1) =>
  Effect.flatMap(IngestEvents, (ingest) => live(ingest.take({ tenant, times, bytes: bytesOf(message) })))

const keysOf = (tenantId: TenantId) =>
  Effect.flatMap(BlobStore, (store) => Stream.runCollect(store.list(BlobKey.make(tenantId))))

for (const { layer, name } of Database.engines) {
  it.layer(decisions(layer), { timeout: "90 seconds" })(
    `what is left of events on ${name}`,
    (it) => {
      it.effect("takes up what an attempt has left that died before its commit", () =>
        Effect.gen(function*() {
          const { census, event, tenantId } = yield* makeWorld
          const sql = yield* SqlClient.SqlClient
          const message = event({ ifSame: "new" })
          // The death: the bytes are there, and nothing else is.
          yield* sql.unsafe(
            "create function fail_audit() returns trigger as 'begin raise exception ''died''; end' language plpgsql"
          )
          yield* sql.unsafe(
            "create trigger fail_audit before insert on audit_log for each row execute function fail_audit()"
          )
          for (let attempt = 0; attempt < 3; attempt++) {
            assert.isFalse((yield* Effect.flip(send(tenantId, message))).isOutage)
          }
          const left = yield* keysOf(tenantId)
          assert.lengthOf(left, 1)
          yield* sql.unsafe("drop trigger fail_audit on audit_log")
          yield* sql.unsafe("drop function fail_audit()")
          const { outcome } = yield* send(tenantId, message)
          assert.isTrue(outcome._tag === "Accepted" && left[0]!.includes(outcome.documentId))
          assert.deepStrictEqual(yield* census, { documents: 1, runs: 1, jobs: 1, events: 1, audited: 1, blobs: 1 })
        }))

      it.effect("believes what lies at its place only after reading it", () =>
        Effect.gen(function*() {
          const { census, event, tenantId } = yield* makeWorld
          const sql = yield* SqlClient.SqlClient
          const message = event({ ifSame: "new", sha256: sha256("right"), content: { text: "wrong" } })
          for (let time = 0; time < 2; time++) {
            const { outcome } = yield* send(tenantId, message)
            assert.deepInclude(outcome, {
              _tag: "Rejected",
              reason: { _tag: "HashMismatch", expected: sha256("right"), actual: sha256("wrong") }
            })
            assert.lengthOf(yield* keysOf(tenantId), 0)
          }
          // An event that was forgotten and comes again leaves the document of then alone.
          const other = event({ ifSame: "new" })
          const first = yield* send(tenantId, other)
          yield* sql`delete from ingest_events where tenant_id = ${tenantId}`
          const second = yield* send(tenantId, other)
          assert.strictEqual(second.outcome._tag, "Accepted")
          assert.notDeepEqual(second.outcome, first.outcome)
          assert.include(yield* census, { documents: 2, blobs: 2 })
        }))

      it.effect("refuses an upload that came out larger than announced or allowed, or as something else, and removes it", () =>
        Effect.gen(function*() {
          const { caller, datasetId, event, tenantId } = yield* makeWorld
          const store = yield* BlobStore
          const uploads = yield* UploadsRepo
          const begin = Effect.fnUntraced(function*(text: string, row: { size?: number; sha256?: Sha256 }) {
            const upload = { id: yield* newId(UploadId), documentId: yield* newId(DocumentId) }
            yield* uploads.insert(caller, {
              ...upload,
              datasetId,
              name: "upload",
              size: row.size ?? null,
              sha256: row.sha256 ?? null,
              options: { metadata: {}, ifSame: "new", lane: "interactive" }
            })
            const key = rawKey({ tenantId, datasetId, ...upload })
            yield* store.stage(key, 0, Stream.succeed(bytesOf(text)))
            return { key, message: event({ content: { uploadId: upload.id } }) }
          })
          const reasonOf = (message: unknown) =>
            Effect.map(send(tenantId, message), ({ outcome }) => outcome._tag === "Rejected" ? outcome.reason : outcome)
          const cases = [
            [yield* begin("more than said", { size: 4 }), { _tag: "TooLarge", limit: 4 }],
            [yield* begin("x".repeat(maxBytes + 1), {}), { _tag: "TooLarge", limit: maxBytes }],
            [
              yield* begin("wrong", { sha256: sha256("right") }),
              { _tag: "HashMismatch", expected: sha256("right"), actual: sha256("wrong") }
            ]
          ] as const
          for (const [{ key, message }, reason] of cases) {
            assert.deepEqual<unknown>(yield* reasonOf(message), reason)
            assert.strictEqual(yield* store.staged(key), 0, reason._tag)
          }
          const { message } = yield* begin("four", { size: 4 })
          assert.strictEqual((yield* reasonOf(message))._tag, "Accepted")
        }))

      it.effect("looks at one row of an id, however many contents came under it", () =>
        Effect.gen(function*() {
          const { event, tenantId } = yield* makeWorld
          const sql = yield* SqlClient.SqlClient
          const message = event({})
          const first = yield* send(tenantId, message)
          // Nobody could read this one.
          yield* sql`insert into ingest_events (tenant_id, event_id, content_hash, state, outcome, decided_at)
          values (${tenantId}, ${message.eventId}, ${sha256("other")}, 'rejected', '{}'::jsonb, now())`
          assert.deepStrictEqual(yield* send(tenantId, message), first)
          const { outcome } = yield* send(tenantId, { ...message, name: "other.md" })
          assert.deepInclude(outcome, { reason: { _tag: "EventIdReused" } })
        }))
    }
  )

  it.layer(decisions(layer), { timeout: "90 seconds" })(`URLs that have to wait on ${name}`, (it) => {
    it.effect("sends events away without a look at the database, for longer and longer", () =>
      Effect.gen(function*() {
        const worlds = [yield* makeWorld, yield* makeWorld]
        let asked = 0
        const all = yield* Deferred.make<void>()
        const url = yield* webServer(() => {
          if (++asked === 8) Deferred.doneUnsafe(all, Effect.void)
        })
        const waiting = yield* Effect.forEach(worlds, ({ event, tenantId }) =>
          Effect.forEach(Array.from({ length: 4 }), () =>
            Effect.forkChild(send(tenantId, event({ content: { url } })))), { concurrency: 1 })
        yield* Deferred.await(all)
        const { event, tenantId } = worlds[0]!
        const one = event({ content: { url } })
        const delayOf = (times: number) =>
          Effect.map(Effect.flip(send(tenantId, one, times)), ({ after, isOutage }) => {
            assert.isFalse(isOutage)
            return Duration.toSeconds(after ?? Duration.zero)
          })
        for (const [times, full] of [[1, 30], [2, 60], [4, 240], [6, 600], [1_000, 600]] as const) {
          const delay = yield* delayOf(times)
          assert.isTrue(delay >= full / 2 && delay <= full, `${times}: ${delay}`)
        }
        // Nobody has even asked whether there is such a tenant.
        const unknown = tenantId.replace(/^.{8}/, "00000000")
        assert.strictEqual((yield* Effect.flip(send(unknown, one)))._tag, "Undecided")
        // What brings its bytes along does not wait for them.
        assert.strictEqual((yield* send(tenantId, event({}))).outcome._tag, "Accepted")
        yield* Fiber.interruptAll(waiting.flat())
      }))
  })
  it.layer(decisions(layer, { patience: "500 millis" }), { timeout: "90 seconds" })(`what hangs on ${name}`, (it) => {
    it.effect("gives up an event on which everything hangs, and blames nothing else for it", () =>
      Effect.gen(function*() {
        const { event, tenantId } = yield* makeWorld
        const url = yield* webServer((_, response) => {
          const timer = setInterval(() => response.write("."), 20)
          response.on("close", () => clearInterval(timer))
        })
        const message = event({ content: { url } })
        for (let attempt = 1; attempt <= 5; attempt++) {
          const { after, isOutage } = yield* Effect.flip(send(tenantId, message))
          assert.isFalse(isOutage)
          assert.isDefined(after)
        }
        const { outcome } = yield* send(tenantId, message)
        assert.isTrue(outcome._tag === "Rejected" && outcome.reason._tag === "Internal")
      }))
  })
}
