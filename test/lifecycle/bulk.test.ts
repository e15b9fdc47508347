import { assert, it } from "@effect/vitest"
import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { OperationsRepo } from "@sheaf/adapters/repos/operations/OperationsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { DocumentId, EventCursor, JobId, OperationId } from "@sheaf/domain/ids"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import { isOver } from "@sheaf/domain/operations/Operation"
import type { Selection } from "@sheaf/domain/operations/Selection"
import { Clock, Effect, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant, some } from "../repos/world.ts"
import { Faults, ingest, layer, makeDataset, until } from "../support/Pipeline.ts"

const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

/** An operation and its job, as the API makes them. */
const begin = Effect.fnUntraced(function*(caller: Caller, action: BulkAction, select: Selection) {
  const jobs = yield* JobsRepo
  const operations = yield* OperationsRepo
  const sql = yield* SqlClient.SqlClient
  const id = yield* newId(OperationId)
  yield* transact(sql)(Effect.andThen(
    operations.insert(caller, { id, action, select }),
    jobs.enqueue(caller.tenantId, [{
      id: JobId.make(derivedId("bulk", id)),
      lane: "interactive",
      job: { _tag: "RunBulk", version: 1, operationId: id }
    }])
  ))
  return id
})

const finished = Effect.fnUntraced(function*(caller: Caller, id: OperationId) {
  const operations = yield* OperationsRepo
  return yield* operations.find(caller, id).pipe(
    Effect.map(some),
    Effect.repeat({ until: ({ state }) => isOver(state), schedule: Schedule.spaced("20 millis") }),
    really
  )
})

it.layer(layer, { timeout: "120 seconds" })("an action on many documents", (it) => {
  it.effect(
    "reaches every document once; one that it does not fit or that is gone stops no other",
    () =>
      Effect.gen(function*() {
        const events = yield* EventsRepo
        const faults = yield* Faults
        const jobs = yield* JobsRepo
        const operations = yield* OperationsRepo
        const { caller, tenantId } = yield* makeTenant
        const foreign = yield* makeTenant
        const theirs = yield* ingest(foreign.caller, yield* makeDataset(foreign.caller), {
          name: "t.txt",
          bytes: "Theirs."
        })
        const datasetId = yield* makeDataset(caller)
        const ready = yield* ingest(caller, datasetId, { name: "a.txt", bytes: "The door is open." })
        yield* until(caller, ready.documentId)
        yield* until(foreign.caller, theirs.documentId)
        faults.embedderDown = true
        const busy = yield* Effect.forEach(
          [1, 2, 3],
          (n) => ingest(caller, datasetId, { name: `${n}.txt`, bytes: `Window ${n} is shut.` })
        )
        yield* Effect.forEach(busy, ({ documentId }) => until(caller, documentId, ({ status }) => status === "waiting"))
        const absent = yield* newId(DocumentId)
        const documentIds = [...busy, ready, theirs].map(({ documentId }) => documentId)
        const id = yield* begin(caller, { _tag: "Cancel" }, { documentIds: [...documentIds, absent] })
        const operation = yield* finished(caller, id)
        faults.embedderDown = false
        assert.deepInclude(operation, { state: "finished", total: 6, done: 3, skipped: 1, failed: 2 })
        const { items } = some(yield* operations.items(tenantId, { operationId: id }))
        const result = new Map(items.map(({ documentId, error, state }) => [documentId, [state, error?.tag]]))
        for (const { documentId } of busy) assert.deepStrictEqual(result.get(documentId), ["done", undefined])
        assert.deepStrictEqual(result.get(ready.documentId), ["skipped", "StateConflict"])
        assert.deepStrictEqual(result.get(theirs.documentId), ["failed", "DocumentNotFound"])
        assert.deepStrictEqual(result.get(absent), ["failed", "DocumentNotFound"])

        // The job comes again: a worker died between its last write and its end.
        yield* jobs.enqueue(tenantId, [{
          id: yield* newId(JobId),
          lane: "interactive",
          job: { _tag: "RunBulk", version: 1, operationId: id }
        }])
        const ended = yield* events.after(caller, { cursor: EventCursor.make("0"), datasetId: undefined, limit: 100 })
          .pipe(
            Effect.map(({ events }) => events.flatMap(({ body }) => body._tag === "OperationFinished" ? [body] : [])),
            Effect.repeat({ until: (found) => found.length > 0, schedule: Schedule.spaced("20 millis") }),
            really
          )
        assert.strictEqual(ended.length, 1)
        assert.deepInclude(ended[0], { operationId: id, action: "Cancel", state: "finished", done: 3 })
        assert.deepStrictEqual(yield* finished(caller, id), operation)
      }),
    90_000
  )

  it.effect("looks for documents by a filter, more of them than one look takes", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { caller, tenantId } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.txt", bytes: "The roof is red." })
      yield* until(caller, documentId)
      // Documents without a run: there is nothing to cancel.
      yield* sql`insert into documents (tenant_id, dataset_id, id, name, size, content_hash, created_by)
        select ${tenantId}::uuid, ${datasetId}::uuid, gen_random_uuid(), 'many ' || n, 1, lpad(n::text, 64, '0'), d.created_by
        from generate_series(1, 1200) n join documents d on d.id = ${documentId}`
      const id = yield* begin(caller, { _tag: "Pause" }, { datasetId, filter: { name: "many 11" } })
      assert.deepInclude(yield* finished(caller, id), { state: "finished", total: 111, done: 0, skipped: 111 })
    }), 90_000)

  it.effect("sets metadata, hides, shows and deletes", () =>
    Effect.gen(function*() {
      const documents = yield* DocumentsRepo
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const made = yield* Effect.forEach(
        [1, 2],
        (n) => ingest(caller, datasetId, { name: `${n}.txt`, bytes: `Barrel ${n} is full.` })
      )
      yield* Effect.forEach(made, ({ documentId }) => until(caller, documentId))
      const select = { datasetId }
      const all = Effect.forEach(made, ({ documentId }) => Effect.map(documents.find(caller, documentId), some))
      const actions: ReadonlyArray<BulkAction> = [
        { _tag: "SetMetadata", metadata: { year: 2026 } },
        { _tag: "SetMetadata", metadata: { place: "cellar" }, mode: "merge" },
        { _tag: "Disable" }
      ]
      for (const action of actions) {
        const id = yield* begin(caller, action, select)
        assert.deepInclude(yield* finished(caller, id), { state: "finished", total: 2, done: 2 })
      }
      assert.deepStrictEqual((yield* all).map(({ metadata, status }) => ({ metadata, status })), [
        { metadata: { year: 2026, place: "cellar" }, status: "disabled" },
        { metadata: { year: 2026, place: "cellar" }, status: "disabled" }
      ])
      const gone = yield* begin(caller, { _tag: "Delete" }, { datasetId, filter: { status: ["disabled"] } })
      assert.deepInclude(yield* finished(caller, gone), { total: 2, done: 2 })
      for (const { documentId } of made) assert.isTrue(Option.isNone(yield* documents.find(caller, documentId)))
    }), 90_000)

  it.effect(
    "goes on past documents that are deleted meanwhile, and ends when its dataset is",
    () =>
      Effect.gen(function*() {
        const operations = yield* OperationsRepo
        const removal = yield* Removal
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const { documentId } = yield* ingest(caller, datasetId, { name: "a.txt", bytes: "The keel is lead." })
        yield* until(caller, documentId)
        yield* sql`insert into documents (tenant_id, dataset_id, id, name, size, content_hash, created_by)
        select ${tenantId}::uuid, ${datasetId}::uuid, gen_random_uuid(), 'many ' || n, 1, lpad(n::text, 64, '0'), d.created_by
        from generate_series(1, 40) n join documents d on d.id = ${documentId}`
        const begun = Effect.fnUntraced(function*(year: number) {
          const id = yield* begin(caller, { _tag: "SetMetadata", metadata: { year } }, { datasetId })
          yield* operations.find(caller, id).pipe(
            Effect.map(some),
            Effect.repeat({ until: ({ done }) => done > 2, schedule: Schedule.spaced("5 millis") }),
            really
          )
          return id
        })
        const first = yield* begun(2026)
        const waiting = yield* sql<{ readonly id: string }>`select id from documents
        where dataset_id = ${datasetId} and not metadata ? 'year' order by id desc limit 8`
        assert.isAbove(waiting.length, 0)
        const gone = waiting.map(({ id }) => DocumentId.make(id))
        yield* Effect.forEach(gone, (id) => transact(sql)(removal.document(caller, id)), { discard: true })
        const operation = yield* finished(caller, first)
        assert.deepInclude(operation, { state: "finished", skipped: 0, done: operation.total! - operation.failed })
        assert.isAtLeast(operation.done, 41 - gone.length)
        const { items } = some(yield* operations.items(tenantId, { operationId: first, state: ["failed"], limit: 100 }))
        for (const { documentId, error } of items) {
          assert.include(gone, documentId)
          assert.strictEqual(error?.tag, "DocumentNotFound")
        }
        const [others] = yield* sql`select count(*)::int as n from documents
        where dataset_id = ${datasetId} and not deleting and metadata ->> 'year' = '2026'`
        assert.deepStrictEqual(others, { n: 41 - gone.length })

        const second = yield* begun(2027)
        yield* transact(sql)(removal.dataset(caller, datasetId))
        const ended = yield* finished(caller, second)
        assert.strictEqual(ended.state, "finished")
        assert.strictEqual(ended.done + ended.failed + ended.skipped, ended.total)
        const left = sql`select id from datasets where id = ${datasetId} union all
        select id from documents where dataset_id = ${datasetId}`
        yield* left.pipe(
          Effect.repeat({ until: (found) => found.length === 0, schedule: Schedule.spaced("50 millis") }),
          really
        )
      }),
    90_000
  )

  it.effect(
    "a document that a bug stops is named with its error, and the others have their turn",
    () =>
      Effect.gen(function*() {
        const operations = yield* OperationsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const [bad, good] = yield* Effect.forEach(
          ["bad", "good"],
          (name) => ingest(caller, datasetId, { name: `${name}.txt`, bytes: `A ${name} one.` })
        )
        yield* until(caller, bad!.documentId)
        yield* until(caller, good!.documentId)
        // What no release has written: reading it is a defect.
        yield* sql`update documents set settings = '{"chunking": 7}' where id = ${bad!.documentId}`
        const id = yield* begin(caller, { _tag: "Retry" }, { documentIds: [bad!.documentId, good!.documentId] })
        assert.deepInclude(yield* finished(caller, id), { state: "finished", done: 1, failed: 1 })
        const { items } = some(yield* operations.items(tenantId, { operationId: id, state: ["failed"] }))
        assert.deepStrictEqual(items.map(({ documentId, error }) => [documentId, error?.tag]), [
          [bad!.documentId, "InternalError"]
        ])
        assert.strictEqual((yield* until(caller, good!.documentId)).run?.number, 2)
      }),
    90_000
  )
})
