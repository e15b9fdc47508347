import { assert, it } from "@effect/vitest"
import { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { Enablement } from "@sheaf/adapters/lifecycle/Enablement"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { PurgeRepo } from "@sheaf/adapters/repos/documents/PurgeRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { TenantTablesRepo } from "@sheaf/adapters/repos/upkeep/TenantTablesRepo"
import { TombstonesRepo } from "@sheaf/adapters/repos/upkeep/TombstonesRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { EventBody } from "@sheaf/domain/events/Event"
import { type DocumentId, EventCursor, JobId, type TenantId } from "@sheaf/domain/ids"
import { Clock, Effect, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { randomUUID } from "node:crypto"
import { makeTenant, some } from "./repos/world.ts"
import { Faults, ingest, layer, makeDataset, until } from "./support/Pipeline.ts"

const text = (topic: string) => `# ${topic}\n\nAll about ${topic}, in some words.\n\n## More\n\nAnd more of ${topic}.\n`

const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

const often = Schedule.spaced("30 millis")

/** Waits for an event of the tenant that fits. */
const told = Effect.fnUntraced(function*(caller: Caller, fits: (body: EventBody) => boolean) {
  const events = yield* EventsRepo
  const found = events.after(caller, { cursor: EventCursor.make("0"), datasetId: undefined, limit: 1000 }).pipe(
    Effect.map((page) => page.events.map(({ body }) => body).find(fits))
  )
  const body = yield* found.pipe(Effect.repeat({ until: (body) => body !== undefined, schedule: often }), really)
  return body!
})

const gone = (caller: Caller, documentId: DocumentId) =>
  told(caller, (body) => body._tag === "DocumentDeleted" && body.documentId === documentId)

const indexed = Effect.fnUntraced(function*(tenantId: TenantId) {
  const index = yield* SearchIndex
  const { space } = yield* Embedder
  return yield* index.count(space, tenantId, { _tag: "Tenant" })
})

const blobsOf = Effect.fnUntraced(function*(tenantId: TenantId) {
  const blobs = yield* BlobStore
  return (yield* blobs.page(BlobKey.make(tenantId), { limit: 1000 })).blobs.length
})

/** Runs one method of `Removal` in a transaction of its own, as a call or a job does. */
const removing = <A, E>(run: (removal: Removal["Service"]) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    return yield* transact(sql)(run(yield* Removal))
  })

it.layer(layer, { timeout: "120 seconds" })("removal", (it) => {
  it.effect("a tenant goes with all that it has in any table, in the index and in the blobs; another one stays", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const tables = yield* TenantTablesRepo
      const tombstones = yield* TombstonesRepo
      const tenants = yield* TenantsRepo
      const operator = yield* makeTenant
      const { caller, tenant, tenantId } = yield* makeTenant
      const first = yield* makeDataset(caller)
      const second = yield* makeDataset(caller)
      const documents = yield* Effect.forEach(
        [[first, "sails"], [first, "ropes"], [second, "oars"]] as const,
        ([datasetId, topic]) => ingest(caller, datasetId, { name: `${topic}.md`, bytes: text(topic) })
      )
      yield* Effect.forEach(documents, ({ documentId }) => until(caller, documentId), { discard: true })
      const kept = yield* ingest(operator.caller, yield* makeDataset(operator.caller), {
        name: "kept.md",
        bytes: text("sails")
      })
      yield* until(operator.caller, kept.documentId)
      // Somebody adds a table tomorrow, and forgets to say so.
      yield* sql`create table notes_of_tomorrow (tenant_id uuid not null references tenants (id), note text)`
      yield* sql`insert into notes_of_tomorrow values (${tenantId}, 'one'), (${operator.tenantId}, 'two')`
      yield* sql`insert into query_log (tenant_id, id, actor, request, hits, elapsed_ms)
        values (${tenantId}, ${randomUUID()}, '{}', '{}', 0, 1)`
      yield* sql`insert into audit_log (tenant_id, id, operation, actor, target)
        values (${tenantId}, ${randomUUID()}, 'DatasetsCreate', '{}', '{}')`

      const own = yield* Effect.flip(removing((removal) => removal.tenant(operator.caller, operator.tenantId)))
      assert.deepInclude(own, { _tag: "TenantProtected", reason: "own" })
      const begun = yield* removing((removal) => removal.tenant(operator.caller, tenantId))
      assert.deepStrictEqual([begun.name, begun.deletedAt], [tenant.name, null])
      assert.strictEqual(some(yield* tenants.find(tenantId)).state, "deleting")
      // Once more is fine.
      assert.strictEqual((yield* removing((removal) => removal.tenant(operator.caller, tenantId))).id, tenantId)

      const ended = yield* tombstones.find(tenantId).pipe(
        Effect.map(some),
        Effect.repeat({ until: ({ deletedAt }) => deletedAt !== null, schedule: often }),
        really
      )
      assert.strictEqual(ended.removed["datasets"], 2)
      assert.strictEqual(ended.removed["documents"], 3)
      assert.strictEqual(ended.removed["notes_of_tomorrow"], 1)
      assert.isAbove(ended.removed["segments"] ?? 0, 2)
      assert.isAbove(ended.removed["blobs"] ?? 0, 2)
      const noJob = JobId.make(randomUUID())
      assert.deepStrictEqual(yield* tables.remaining(tenantId, noJob), [])
      assert.include(yield* tables.remaining(operator.tenantId, noJob), "notes_of_tomorrow")
      assert.isTrue(Option.isNone(yield* tenants.find(tenantId)))
      assert.deepStrictEqual([yield* indexed(tenantId), yield* blobsOf(tenantId)], [0, 0])
      const document = yield* until(operator.caller, kept.documentId)
      assert.strictEqual(yield* indexed(operator.tenantId), document.segments)
      const [entry] = yield* sql`select target ->> 'tenantId' as tenant from audit_log
        where tenant_id = ${operator.tenantId} and operation = 'TenantDeleted'`
      assert.deepStrictEqual(entry, { tenant: tenantId as string })
      // What a writer that had lost its lease puts there later is looked after once more.
      assert.deepStrictEqual(yield* tombstones.unswept(10), [])
      yield* sql`update tenant_tombstones set deleted_at = now() - interval '12 minutes' where id = ${tenantId}`
      const { space } = yield* Embedder
      assert.deepStrictEqual(
        (yield* tombstones.unswept(10)).map(({ id, spaces }) => [id, spaces.map(({ id }) => id)]),
        [
          [tenantId, [space.id]]
        ]
      )
      yield* sql`drop table notes_of_tomorrow`
    }))

  it.effect("a dataset's last event says what went with its documents", () =>
    Effect.gen(function*() {
      const datasets = yield* DatasetsRepo
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const documents = yield* Effect.forEach(
        ["sails", "ropes"],
        (topic) => ingest(caller, datasetId, { name: `${topic}.md`, bytes: text(topic) })
      )
      const published = yield* Effect.forEach(documents, ({ documentId }) => until(caller, documentId))
      const segments = published.reduce((sum, document) => sum + document.segments, 0)
      yield* removing((removal) => removal.dataset(caller, datasetId))
      assert.isTrue(Option.isNone(yield* datasets.find(caller, datasetId)))
      const again = yield* Effect.flip(removing((removal) => removal.dataset(caller, datasetId)))
      assert.strictEqual(again._tag, "DatasetNotFound")
      const event = yield* told(caller, (body) => body._tag === "DatasetDeleted")
      const removed = "removed" in event ? event.removed : undefined
      assert.include(removed, { documents: 2, segments, indexEntries: segments })
      assert.isAtLeast(removed?.["blobs"] ?? 0, 4)
      assert.deepStrictEqual([yield* indexed(caller.tenantId), yield* blobsOf(caller.tenantId)], [0, 0])
    }))

  it.effect("what went with a deletion is told as a whole, however often it was cut short", () =>
    Effect.gen(function*() {
      const index = yield* SearchIndex
      const purges = yield* PurgeRepo
      const datasets = yield* DatasetsRepo
      const sql = yield* SqlClient.SqlClient
      const { space } = yield* Embedder
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.md", bytes: text("anchors") })
      const { segments } = yield* until(caller, documentId)
      const blobs = yield* blobsOf(tenantId)
      // What an attempt has done before its worker died: everything was said, the entries went, and a page of the rows.
      yield* removing((removal) =>
        Effect.gen(function*() {
          yield* removal.document(caller, documentId)
          yield* purges.say(tenantId, documentId, { indexEntries: segments, blobs })
          yield* purges.removePage(tenantId, documentId)
        })
      )
      yield* index.remove(space, tenantId, { _tag: "Document", documentId })
      const event = yield* gone(caller, documentId)
      assert.include("removed" in event ? event.removed : {}, {
        indexEntries: segments,
        memberships: segments,
        segments,
        vectors: segments,
        blobs
      })
      // Beside documents: found twice, it counts once; found more of later, that counts too.
      yield* sql`update datasets set deleting = true where id = ${datasetId}`
      yield* datasets.addLeftovers(tenantId, datasetId, { blobs: 2, indexEntries: 1 })
      yield* datasets.addLeftovers(tenantId, datasetId, { blobs: 2 })
      yield* datasets.addLeftovers(tenantId, datasetId, { blobs: 3, indexEntries: 0 })
      yield* datasets.addRemoved(tenantId, datasetId, { blobs: 1 })
      assert.deepStrictEqual(some(yield* datasets.removed(tenantId, datasetId)), { blobs: 4, indexEntries: 1 })
    }))

  it.effect("a document goes while it is being indexed, while it is paused, and twice", () =>
    Effect.gen(function*() {
      const control = yield* Control
      const documents = yield* DocumentsRepo
      const faults = yield* Faults
      const sql = yield* SqlClient.SqlClient
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      faults.embedderHangs = true
      const indexing = yield* ingest(caller, datasetId, { name: "a.md", bytes: text("anchors") })
      const paused = yield* ingest(caller, datasetId, { name: "b.md", bytes: text("buoys") })
      yield* until(caller, indexing.documentId, ({ run }) => run?.state === "embedding")
      yield* until(caller, paused.documentId, ({ run }) => run?.state === "embedding")
      yield* transact(sql)(control.pause(caller, { documentId: paused.documentId }))
      for (const { documentId } of [indexing, paused]) {
        yield* removing((removal) => removal.document(caller, documentId))
        assert.isTrue(Option.isNone(yield* documents.find(caller, documentId)))
        const again = yield* Effect.flip(removing((removal) => removal.document(caller, documentId)))
        assert.strictEqual(again._tag, "DocumentNotFound")
      }
      faults.embedderHangs = false
      yield* gone(caller, indexing.documentId)
      yield* gone(caller, paused.documentId)
      assert.deepStrictEqual([yield* indexed(caller.tenantId), yield* blobsOf(caller.tenantId)], [0, 0])
      const left = yield* sql`select id from runs where tenant_id = ${caller.tenantId}`
      assert.deepStrictEqual(left, [])
    }))

  it.effect("segments that refer to each other, and what was changed by hand, go with their document", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.md", bytes: text("anchors") })
      yield* until(caller, documentId)
      const children = Array.from({ length: 600 }, () => randomUUID())
      yield* sql`insert into segments
          (tenant_id, dataset_id, document_id, id, space_id, text, heading_path, text_hash, tokens, language, parent_id)
        select tenant_id, dataset_id, document_id, x.id, space_id, text, heading_path, text_hash, tokens, language, s.id
        from (select * from segments where document_id = ${documentId} limit 1) s
        cross join unnest(${children}::uuid[]) as x(id)`
      yield* sql`insert into segment_changes (tenant_id, document_id, id, kind, segment_id, actor)
        select ${tenantId}, ${documentId}, ${randomUUID()}::uuid, 'added', ${children[0]!}::uuid, '{}'::jsonb`
      yield* removing((removal) => removal.document(caller, documentId))
      const event = yield* gone(caller, documentId)
      assert.deepInclude("removed" in event ? event.removed : {}, { changes: 1 })
      assert.deepStrictEqual(
        yield* sql`select id from vectors v
        join spaces s on s.tenant_id = v.tenant_id and s.id = v.space_id where v.tenant_id = ${tenantId}`,
        []
      )
    }))

  it.effect("entries go from an index that has time for a few of them only", () =>
    Effect.gen(function*() {
      const enablement = yield* Enablement
      const faults = yield* Faults
      const sql = yield* SqlClient.SqlClient
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const parts = Array.from(
        { length: 30 },
        (_, at) => `${text(`watch ${at}`)}${`Bells of watch ${at}. `.repeat(60)}`
      )
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.md", bytes: parts.join("\n") })
      yield* until(caller, documentId)
      const before = yield* indexed(caller.tenantId)
      assert.isAbove(before, 10, "more than it has time for")
      faults.removals.length = 0
      faults.removesAtMost = 10
      yield* transact(sql)(enablement.disable(caller, { documentId }))
      yield* indexed(caller.tenantId).pipe(Effect.repeat({ until: (left) => left === 0, schedule: often }), really)
      faults.removesAtMost = Infinity
      assert.isAbove(faults.removals[0]!, 10)
      assert.isTrue(faults.removals.slice(1).every((segments) => segments <= 10), String(faults.removals))
    }))
})
