import { assert, it } from "@effect/vitest"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { DocumentDriftRepo } from "@sheaf/adapters/repos/upkeep/DocumentDriftRepo"
import { IndexDriftRepo } from "@sheaf/adapters/repos/upkeep/IndexDriftRepo"
import { ReconciliationsRepo } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import { retention, runsKept } from "@sheaf/adapters/repos/upkeep/retention"
import { RetentionRepo } from "@sheaf/adapters/repos/upkeep/RetentionRepo"
import { RunDriftRepo } from "@sheaf/adapters/repos/upkeep/RunDriftRepo"
import { StoreDriftRepo } from "@sheaf/adapters/repos/upkeep/StoreDriftRepo"
import { TenantTablesRepo } from "@sheaf/adapters/repos/upkeep/TenantTablesRepo"
import { DocumentId, JobId, LeaseToken, RunId, SegmentId, WorkUnitId } from "@sheaf/domain/ids"
import { Duration, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { randomUUID } from "node:crypto"
import { engines, makeDataset, makeDocument, makeTenant, some, space } from "./world.ts"

const inOrder = (tables: ReadonlyArray<string>, first: string, second: string) =>
  tables.indexOf(first) < tables.indexOf(second)

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "60 seconds" })(`upkeep: ${name}`, (it) => {
    it.effect("every table has a rule of retention, and every rule a table", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const tables = yield* sql<{ name: string }>`select table_name::text as name from information_schema.tables
          where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`
        assert.deepStrictEqual(Object.keys(retention).sort(), tables.map((table) => table.name).sort())
      }))

    it.effect("tables of a tenant come from the catalogue, those that refer to others first", () =>
      Effect.gen(function*() {
        const tables = yield* (yield* TenantTablesRepo).tables
        assert.include(tables, "vectors")
        assert.notInclude(tables, "tenant_tombstones")
        assert.isTrue(inOrder(tables, "run_segments", "segments"))
        assert.isTrue(inOrder(tables, "work_units", "runs"))
        assert.isTrue(inOrder(tables, "documents", "datasets"))
        assert.isTrue(inOrder(tables, "datasets", "spaces"))
      }))

    it.effect("a sound tenant has no drift, whatever is asked; a planted one has, and once", () =>
      Effect.gen(function*() {
        const documents = yield* DocumentDriftRepo
        const index = yield* IndexDriftRepo
        const runs = yield* RunDriftRepo
        const sql = yield* SqlClient.SqlClient
        const stores = yield* StoreDriftRepo
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const place = yield* makeDocument(caller, datasetId)
        yield* sql`insert into dataset_counter_deltas (tenant_id, dataset_id, documents, segments, tokens, bytes)
          values (${tenantId}, ${datasetId}, 1, 0, 0, 10)`
        const unit = WorkUnitId.make(randomUUID())
        yield* sql`insert into work_units (tenant_id, run_id, id, stage, ordinal, weight, spec)
          values (${tenantId}, ${place.runId}, ${unit}, 'parse', 0, 1, '{}')`
        yield* sql`insert into jobs (tenant_id, id, stage, lane, payload, run_id, document_id)
          values (${tenantId}, ${unit}, 'ParsePages', 'bulk', '{}', ${place.runId}, ${place.documentId})`
        const none = { found: [], next: null }
        assert.deepStrictEqual(yield* documents.page(tenantId, null), none)
        assert.deepStrictEqual(yield* documents.unheld(tenantId, null), none)
        assert.deepStrictEqual(yield* documents.datasetsWithoutJob(tenantId), [])
        assert.isFalse(yield* documents.tenantWithoutJob(tenantId))
        assert.deepStrictEqual(yield* runs.unitsWithoutJob(tenantId, null), none)
        assert.deepStrictEqual(yield* runs.idleRuns(tenantId, null), none)
        assert.deepStrictEqual(yield* runs.expiredLeases(tenantId), [])
        assert.deepStrictEqual((yield* index.spaces(tenantId)).map(({ id }) => id), [space.id])
        assert.deepStrictEqual(yield* index.wanted(tenantId, space.id, null), none)
        assert.deepStrictEqual(yield* stores.strayVectors(tenantId, null), none)
        assert.deepStrictEqual((yield* stores.miscounted(tenantId, null)).found, [])
        assert.deepStrictEqual(yield* stores.ownerless(tenantId, [place]), [])
        assert.lengthOf(yield* stores.documents(tenantId, null, null, 10), 1)

        yield* sql`delete from jobs where id = ${unit}`
        assert.deepStrictEqual((yield* runs.unitsWithoutJob(tenantId, null)).found, [unit])
        assert.isTrue(
          Option.isSome(yield* runs.lacking(tenantId, (yield* runs.unitsWithoutJob(tenantId, null)).found[0]!))
        )
        yield* sql`update runs set paused = true where id = ${place.runId}`
        assert.deepStrictEqual(yield* runs.unitsWithoutJob(tenantId, null), none)
        yield* sql`update runs set paused = false where id = ${place.runId}`
        yield* sql`delete from work_units where id = ${unit}`
        assert.deepStrictEqual((yield* runs.idleRuns(tenantId, null)).found, [place.runId])
        assert.deepStrictEqual(yield* runs.isIdle(tenantId, place.runId), Option.some(place.documentId))
        yield* sql`update documents set generation = 1, segments = 3 where id = ${place.documentId}`
        const [standing] = (yield* documents.page(tenantId, null)).found
        assert.isTrue(standing?.syncWithoutJob)
        assert.isTrue(some(yield* documents.look(tenantId, place.documentId)).syncWithoutJob)
        // The recount puts the difference right in the statement that sees it; the second time there is none.
        assert.deepStrictEqual((yield* stores.miscounted(tenantId, null)).found, [datasetId])
        assert.isTrue(yield* stores.recount(tenantId, datasetId, { repair: true }))
        assert.isFalse(yield* stores.recount(tenantId, datasetId, { repair: true }))
        yield* sql`insert into vectors (tenant_id, space_id, text_hash, vector)
          values (${tenantId}, ${space.id}, 'stray', '\\x00')`
        assert.deepStrictEqual((yield* stores.strayVectors(tenantId, null)).found.map(({ textHash }) => textHash), [
          "stray"
        ])
        assert.isTrue(yield* stores.strayVector(tenantId, space.id, "stray", { repair: true }))
        const stranger = SegmentId.make(randomUUID())
        assert.deepStrictEqual(yield* index.unwanted(tenantId, space.id, [stranger]), [
          { id: stranger, documentId: null, datasetId: null, isElsewhere: false }
        ])
        assert.isFalse(yield* index.isWanted(tenantId, space.id, stranger))
        const nobodys = { datasetId, documentId: yield* newId(DocumentId) }
        assert.deepStrictEqual(yield* stores.ownerless(tenantId, [nobodys]), [nobodys])
        const lease = { id: JobId.make(randomUUID()), token: LeaseToken.make(randomUUID()) }
        yield* sql`insert into jobs (tenant_id, id, stage, lane, payload, state, lease_token, lease_holder, lease_expires_at)
          values (${tenantId}, ${lease.id}, 'X', 'bulk', '{}', 'leased', ${lease.token}, 'x', now() - interval '1 minute')`
        assert.deepStrictEqual(yield* runs.expiredLeases(tenantId), [lease])
        assert.isTrue(yield* runs.isExpired(tenantId, lease))
        assert.isTrue(yield* runs.free(tenantId, lease))
        assert.isFalse(yield* runs.free(tenantId, lease))
        yield* sql`update documents set deleting = true where id = ${place.documentId}`
        assert.isTrue((yield* documents.page(tenantId, null)).found[0]?.removalWithoutJob)
        yield* sql`update datasets set deleting = true where id = ${datasetId}`
        assert.deepStrictEqual(yield* documents.datasetsWithoutJob(tenantId), [datasetId])
      }))

    it.effect("one look of a tenant is open at a time, and its reports are read by pages", () =>
      Effect.gen(function*() {
        const looks = yield* ReconciliationsRepo
        const { tenantId } = yield* makeTenant
        assert.include(yield* looks.due(Duration.hours(1)), tenantId)
        const first = yield* looks.begin(tenantId, { repair: false, askedBy: null })
        const same = yield* looks.begin(tenantId, { repair: true, askedBy: null })
        assert.deepStrictEqual([same.id, same.repair], [first.id, true])
        assert.notInclude(yield* looks.due(Duration.zero), tenantId)
        const finding = { kind: "countOfDataset", found: 2, mended: 1, examples: ["x"] } as const
        yield* looks.finish(tenantId, first.id, [finding])
        assert.notInclude(yield* looks.due(Duration.hours(1)), tenantId)
        assert.include(yield* looks.due(Duration.zero), tenantId)
        const second = yield* looks.begin(tenantId, { repair: false, askedBy: null })
        const page = some(yield* looks.list(tenantId, { limit: 1 }))
        assert.deepStrictEqual(page.items.map(({ id }) => id), [second.id])
        const rest = some(yield* looks.list(tenantId, { limit: 1, cursor: page.next! }))
        assert.deepStrictEqual(rest.items.map(({ findings, id }) => [id, findings]), [[first.id, [finding]]])
        const { kinds } = yield* looks.drift
        assert.deepStrictEqual(kinds, [{ kind: "countOfDataset", found: 2, mended: 1 }])
        const all = some(yield* looks.summaries({ limit: 200 }))
        const mine = all.items.find((item) => item.tenantId === tenantId)!
        assert.deepStrictEqual([mine.looking, mine.last?.id], [true, first.id])
      }))

    it.effect("what is past its time goes: old runs but the published one, open units of ended runs, dead jobs, old entries", () =>
      Effect.gen(function*() {
        const documents = yield* DocumentsRepo
        const repo = yield* RetentionRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const { documentId, runId: firstRun } = yield* makeDocument(caller, datasetId)
        yield* sql`insert into work_units (tenant_id, run_id, id, stage, ordinal, weight, spec)
          values (${tenantId}, ${firstRun}, ${randomUUID()}, 'parse', 0, 1, '{}')`
        for (let i = 0; i < runsKept + 3; i++) {
          yield* documents.insertRun(tenantId, {
            datasetId,
            documentId,
            runId: yield* newId(RunId),
            config: { space, chunking: { method: "general" }, lane: "interactive" },
            actor: caller.actor
          })
        }
        yield* sql`update runs set state = 'failed' where document_id = ${documentId}`
        const [second] = yield* sql<{ id: string }>`select id from runs
          where document_id = ${documentId} and number = 2`
        yield* sql`update documents set published_run_id = ${second!.id}::uuid where id = ${documentId}`
        assert.strictEqual(yield* repo.openUnits, 1)
        assert.deepStrictEqual(yield* sql`select state from work_units where run_id = ${firstRun}`, [{
          state: "cancelled"
        }])
        assert.strictEqual(yield* repo.openUnits, 0)
        assert.strictEqual(yield* repo.runs, 3)
        assert.strictEqual(yield* repo.runs, 0)
        const kept = yield* sql<
          { number: number }
        >`select number from runs where document_id = ${documentId} order by 1`
        assert.deepStrictEqual(kept.map(({ number }) => number), [
          2,
          ...Array.from({ length: runsKept }, (_, i) => i + 5)
        ])

        const old = sql`now() - interval '401 days'`
        yield* sql`insert into audit_log (tenant_id, id, operation, actor, target, created_at)
          values (${tenantId}, ${randomUUID()}, 'x', '{}', '{}', ${old}), (${tenantId}, ${randomUUID()}, 'x', '{}', '{}', now())`
        assert.strictEqual(yield* repo.audit(Duration.days(400)), 1)
        yield* sql`insert into jobs (tenant_id, id, stage, lane, payload, state, died_at)
          values (${tenantId}, ${randomUUID()}, 'X', 'bulk', '{}', 'dead', ${old}),
            (${tenantId}, ${randomUUID()}, 'X', 'bulk', '{}', 'dead', now())`
        assert.strictEqual(yield* repo.deadJobs, 1)
        yield* sql`insert into leases (name, holder, token, expires_at) values ('gone', 'x', ${randomUUID()}, ${old})`
        assert.strictEqual(yield* repo.leases, 1)
      }))
  })
}
