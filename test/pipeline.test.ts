import { assert, it } from "@effect/vitest"
import { BlobStore, documentPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { Intake } from "@sheaf/adapters/repos/documents/Intake"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import type { Document } from "@sheaf/domain/documents/Document"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { EventCursor, JobId } from "@sheaf/domain/ids"
import { Clock, Effect, Option, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant, some } from "./repos/world.ts"
import { Faults, ingest, layer, makeDataset, until } from "./support/Pipeline.ts"

const handbook = `# Rigging handbook

How to rig a dinghy, step by step, and what to check before it leaves the slip.

## Mast

Step the mast with two people. Fasten the shrouds before anybody lets go of it, and the forestay last.

## Boom

Slide the gooseneck onto its pin. The boom vang keeps the boom down while reaching.

## Rudder

Hang the rudder on both pintles and check the retaining clip by lifting it.
`

const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

/** The types of a document's events, in their order, once they are numbered. */
const eventsOf = Effect.fnUntraced(function*(caller: Caller, document: Pick<Document, "id">, last: string) {
  const events = yield* EventsRepo
  const read = events.after(caller, { cursor: EventCursor.make("0"), datasetId: undefined, limit: 1000 }).pipe(
    Effect.map((page) =>
      page.events.flatMap(({ body }) => "documentId" in body && body.documentId === document.id ? [body._tag] : [])
    )
  )
  return yield* read.pipe(
    Effect.repeat({ until: (tags) => tags.some((tag) => tag === last), schedule: Schedule.spaced("20 millis") }),
    really
  )
})

const indexed = Effect.fnUntraced(function*(caller: Caller, documentId: Document["id"]) {
  const index = yield* SearchIndex
  const { space } = yield* Embedder
  return yield* index.count(space, caller.tenantId, { _tag: "Document", documentId })
})

const rerun = Effect.fnUntraced(function*(caller: Caller, document: Document) {
  const intake = yield* Intake
  const sql = yield* SqlClient.SqlClient
  const { space } = yield* Embedder
  const { datasetId, id: documentId } = document
  const config = { space, chunking: { method: "general" }, lane: "interactive" } as const
  return yield* transact(sql)(
    intake.begin({ tenantId: caller.tenantId, datasetId, documentId, config, actor: caller.actor })
  )
})

it.layer(layer, { timeout: "90 seconds" })("the pipeline", (it) => {
  it.effect("a document becomes searchable segments, once, with exact counts and one event for each step", () =>
    Effect.gen(function*() {
      const datasets = yield* DatasetsRepo
      const segments = yield* SegmentsRepo
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "handbook.md", bytes: handbook })
      const document = yield* until(caller, documentId)
      assert.strictEqual(document.status, "available")
      assert.strictEqual(document.mediaType, "text/markdown")
      const listed = some(yield* segments.list(caller, { documentId, withTotal: true }))
      assert.strictEqual(listed.total, document.segments)
      assert.strictEqual(listed.items.reduce((sum, segment) => sum + segment.tokens, 0), document.tokens)
      assert.isTrue(listed.items.every((segment) => segment.indexState === "in_sync"))
      assert.include(listed.items.map((segment) => segment.text).join("\n"), "The boom vang keeps the boom down")
      assert.strictEqual(yield* indexed(caller, documentId), document.segments)
      const dataset = some(yield* datasets.find(caller, datasetId))
      assert.deepStrictEqual(
        [dataset.documents, dataset.segments, dataset.tokens, dataset.bytes],
        [1, document.segments, document.tokens, new TextEncoder().encode(handbook).length]
      )
      assert.deepStrictEqual(yield* eventsOf(caller, document, "DocumentPublished"), [
        "DocumentAccepted",
        "DocumentPublished"
      ])
    }))

  it.effect("the same text is not embedded again: not by a second run, nor in a second document", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const runs = yield* RunsRepo
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const first = yield* ingest(caller, datasetId, { name: "handbook.md", bytes: handbook })
      const before = yield* until(caller, first.documentId)
      const paid = faults.embedded
      yield* rerun(caller, before)
      const after = yield* until(
        caller,
        first.documentId,
        (document) => document.publishedRunId !== before.publishedRunId
      )
      assert.strictEqual(after.segments, before.segments)
      const second = yield* ingest(caller, datasetId, { name: "copy.md", bytes: handbook })
      assert.strictEqual((yield* until(caller, second.documentId)).status, "available")
      assert.strictEqual(faults.embedded, paid)
      assert.strictEqual((yield* runs.ofDocument(caller.tenantId, first.documentId)).length, 2)
      assert.strictEqual(yield* indexed(caller, first.documentId), after.segments)
    }))

  it.effect("text in a language that the model does not speak costs it nothing and is found by its words", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const paid = faults.embedded
      const bytes = "灯塔每天晚上七点开灯，早上六点关灯。守塔人住在山脚下的小屋里。"
      const { documentId } = yield* ingest(caller, datasetId, { name: "lighthouse.txt", bytes })
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
      assert.strictEqual(faults.embedded, paid)
      assert.strictEqual(yield* indexed(caller, documentId), 1)
    }))

  it.effect("an embedder that is down is waited for, and nobody's failure", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      faults.embedderDown = true
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.txt", bytes: "Only while the lamp is lit." })
      const waiting = yield* until(caller, documentId, (document) => document.status === "waiting")
      assert.strictEqual(waiting.run?.waitingFor, "embedder")
      faults.embedderDown = false
      const done = yield* until(caller, documentId)
      assert.deepStrictEqual([done.status, done.run?.waitingFor, done.run?.cause], ["available", null, null])
    }))

  it.effect("an index that is down is waited for, and the old version serves meanwhile", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const segments = yield* SegmentsRepo
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      faults.indexDown = true
      const { documentId } = yield* ingest(caller, datasetId, { name: "b.txt", bytes: "Tide tables hang by the door." })
      const waiting = yield* until(caller, documentId, (document) => document.status === "waiting")
      assert.strictEqual(waiting.run?.waitingFor, "search")
      assert.deepStrictEqual(some(yield* segments.list(caller, { documentId })).items, [])
      faults.indexDown = false
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
      assert.strictEqual(some(yield* segments.list(caller, { documentId })).items.length, 1)
    }))

  it.effect("cancelling reaches work that is under way within a second", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const jobs = yield* JobsRepo
      const runs = yield* RunsRepo
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      faults.embedderHangs = true
      const { documentId, runId } = yield* ingest(caller, datasetId, {
        name: "f.txt",
        bytes: "The kettle is on the hob."
      })
      yield* Effect.repeat(Effect.sync(() => faults.hanging), {
        until: (hanging) => hanging === 1,
        schedule: Schedule.spaced("10 millis")
      })
        .pipe(really)
      yield* transact(sql)(Effect.andThen(runs.end(tenantId, runId!, "cancelled"), jobs.dropRun(tenantId, runId!)))
      yield* Effect.repeat(Effect.sync(() => faults.hanging), {
        until: (hanging) => hanging === 0,
        schedule: Schedule.spaced("10 millis")
      })
        .pipe(Effect.timeout("1 second"), really)
      faults.embedderHangs = false
      assert.strictEqual((yield* until(caller, documentId)).status, "cancelled")
    }))

  it.effect("cancelling is final, keeps what serves, and leaves nothing of the run behind", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const jobs = yield* JobsRepo
      const runs = yield* RunsRepo
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      faults.embedderDown = true
      const { documentId, runId } = yield* ingest(caller, datasetId, { name: "c.md", bytes: handbook.repeat(2) })
      yield* until(caller, documentId, (document) => document.status === "waiting")
      yield* transact(sql)(Effect.andThen(jobs.dropRun(tenantId, runId!), runs.end(tenantId, runId!, "cancelled")))
      yield* jobs.enqueue(tenantId, [{
        id: JobId.make(derivedId("purge", runId!)),
        lane: "bulk",
        job: { _tag: "PurgeRun", version: 1, datasetId, documentId, runId: runId! }
      }])
      faults.embedderDown = false
      assert.strictEqual((yield* until(caller, documentId)).status, "cancelled")
      const left = sql<{ count: number }>`select ((select count(*) from segments where document_id = ${documentId})
        + (select count(*) from run_segments where document_id = ${documentId})
        + (select count(*) from jobs where document_id = ${documentId}))::int as count`
      yield* left.pipe(
        Effect.repeat({ until: ([row]) => row?.count === 0, schedule: Schedule.spaced("20 millis") }),
        really
      )
      assert.strictEqual(yield* indexed(caller, documentId), 0)
    }))

  it.effect("text that is needed again while an unanswered removal goes on is indexed after it", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const index = yield* SearchIndex
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient
      const { space } = yield* Embedder
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId, runId } = yield* ingest(caller, datasetId, { name: "e.md", bytes: handbook })
      const before = yield* until(caller, documentId)
      // A run that failed after its segments were indexed.
      yield* sql`update documents set published_run_id = null where id = ${documentId}`
      yield* sql`update runs set state = 'failed' where id = ${runId}`
      // An index that does what it is asked for, and does not get to say so.
      yield* index.remove(space, tenantId, { _tag: "Document", documentId })
      faults.indexDown = true
      yield* jobs.enqueue(tenantId, [{
        id: JobId.make(derivedId("purge", runId!)),
        lane: "bulk",
        job: { _tag: "PurgeRun", version: 1, datasetId, documentId, runId: runId! }
      }])
      const waiting = (stage: string) =>
        sql`select 1 from jobs where document_id = ${documentId} and stage = ${stage} and state = 'ready' and epoch > 0`
          .pipe(
            Effect.repeat({ until: (found) => found.length === 1, schedule: Schedule.spaced("20 millis") }),
            really
          )
      yield* waiting("PurgeRun")
      yield* rerun(caller, before)
      yield* waiting("IndexSegments")
      faults.indexDown = false
      const after = yield* until(caller, documentId, (document) => document.publishedRunId !== null)
      assert.strictEqual(after.segments, before.segments)
      assert.strictEqual(yield* indexed(caller, documentId), after.segments)
      assert.deepStrictEqual(
        yield* sql`select distinct index_state from segments where document_id = ${documentId}`,
        [{ indexState: "in_sync" }]
      )
    }))

  it.effect("deleting removes rows, index entries, vectors and blobs, and says how many", () =>
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const documents = yield* DocumentsRepo
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "d.md", bytes: handbook })
      const keeper = yield* ingest(caller, datasetId, { name: "e.txt", bytes: "Stays where it is." })
      const document = yield* until(caller, documentId)
      yield* until(caller, keeper.documentId)
      yield* transact(sql)(Effect.andThen(
        documents.markDeleting(tenantId, documentId),
        jobs.enqueue(tenantId, [{
          id: JobId.make(derivedId("purge", documentId)),
          lane: "bulk",
          job: { _tag: "PurgeDocument", version: 1, datasetId, documentId }
        }])
      ))
      assert.isTrue(Option.isNone(yield* documents.find(caller, documentId)))
      yield* eventsOf(caller, document, "DocumentDeleted")
      const [left] = yield* sql<{ count: number }>`select (
          (select count(*) from documents where id = ${documentId}) + (select count(*) from runs where document_id = ${documentId})
          + (select count(*) from segments where document_id = ${documentId})
          + (select count(*) from run_segments where document_id = ${documentId})
          + (select count(*) from jobs where document_id = ${documentId} and stage <> 'PurgeDocument')
          + (select count(*) from vectors v where v.tenant_id = ${tenantId} and not exists
              (select 1 from segments s where s.tenant_id = v.tenant_id and s.text_hash = v.text_hash)))::int as count`
      assert.strictEqual(left?.count, 0)
      assert.strictEqual(yield* indexed(caller, documentId), 0)
      const owned = yield* Stream.runCollect(blobs.list(documentPrefix({ tenantId, datasetId, documentId })))
      assert.deepStrictEqual(owned, [])
      assert.strictEqual((yield* until(caller, keeper.documentId)).status, "available")
      assert.strictEqual(yield* indexed(caller, keeper.documentId), 1)
    }))
})
