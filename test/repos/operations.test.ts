import { assert, it } from "@effect/vitest"
import { newId } from "@sheaf/adapters/repos/newId"
import { OperationsRepo } from "@sheaf/adapters/repos/operations/OperationsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DocumentId, OperationId } from "@sheaf/domain/ids"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import type { Selection } from "@sheaf/domain/operations/Selection"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeDocument, makeTenant, some } from "./world.ts"

const action: BulkAction = { _tag: "Retry", units: "all" }

const begin = Effect.fnUntraced(function*(caller: Caller, select: Selection) {
  const operations = yield* OperationsRepo
  const id = yield* newId(OperationId)
  yield* transact(yield* SqlClient.SqlClient)(operations.insert(caller, { id, action, select }))
  return id
})

/** Looks at documents until all that fit are found. Answers how often it looked. */
const select = Effect.fnUntraced(function*({ tenantId }: Caller, id: OperationId) {
  const operations = yield* OperationsRepo
  const look = Effect.flatMap(operations.work(tenantId, id), (work) => operations.select(tenantId, id, some(work)))
  let times = 1
  while (yield* look) times++
  return times
})

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`operations on ${name}`, (it) => {
    it.effect("each named document has one turn, however often it was named and whoever works on it", () =>
      Effect.gen(function*() {
        const operations = yield* OperationsRepo
        const { caller, tenantId } = yield* makeTenant
        const ids = yield* Effect.forEach([1, 2, 3], () => newId(DocumentId))
        const [first] = ids
        const id = yield* begin(caller, { documentIds: [...ids, DocumentId.make(first!.toUpperCase())] })
        const before = some(yield* operations.find(caller, id))
        assert.deepInclude(before, { state: "running", total: 3, done: 0 })
        assert.deepStrictEqual(before.action, action)
        assert.deepStrictEqual(new Set(yield* operations.pending(tenantId, id, 10)), new Set(ids))

        assert.isTrue(yield* operations.take(tenantId, id, first!))
        yield* operations.settle(tenantId, id, first!, { state: "done" })
        assert.isFalse(yield* operations.take(tenantId, id, first!))
        // A second settlement of the same turn changes nothing.
        yield* operations.settle(tenantId, id, first!, { state: "failed" })
        yield* operations.settle(tenantId, id, ids[1]!, {
          state: "skipped",
          error: { tag: "StateConflict", message: "busy" }
        })
        assert.deepInclude(some(yield* operations.find(caller, id)), { done: 1, skipped: 1, failed: 0 })

        assert.isTrue(yield* operations.cancel(tenantId, id))
        assert.isFalse(yield* operations.cancel(tenantId, id))
        assert.isFalse(yield* operations.take(tenantId, id, ids[2]!))
        assert.isTrue(Option.isNone(yield* operations.finish(tenantId, id)))
        const items = some(yield* operations.items(tenantId, { operationId: id, limit: 2 }))
        const rest = some(yield* operations.items(tenantId, { operationId: id, limit: 2, cursor: items.next! }))
        assert.deepStrictEqual(
          [...items.items, ...rest.items].map(({ state }) => state).sort(),
          ["cancelled", "done", "skipped"]
        )
        const skipped = some(yield* operations.items(tenantId, { operationId: id, state: ["skipped"] }))
        assert.deepStrictEqual(skipped.items.map(({ error }) => error), [{ tag: "StateConflict", message: "busy" }])
      }))

    it.effect("a filter finds what the caller may see of the dataset, and nothing that comes later", () =>
      Effect.gen(function*() {
        const operations = yield* OperationsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const [a, b, c] = yield* Effect.forEach([1, 2, 3], () => makeDocument(caller, datasetId))
        yield* makeDocument(caller, yield* makeDataset(caller))
        yield* sql`update runs set state = 'failed' where id in (${a!.runId}, ${c!.runId})`
        yield* sql`update documents set deleting = true where id = ${c!.documentId}`
        const id = yield* begin(caller, { datasetId, filter: { status: ["error"] } })
        yield* makeDocument(caller, datasetId)
        assert.strictEqual(some(yield* operations.find(caller, id)).state, "selecting")
        assert.strictEqual(yield* select(caller, id), 1)
        assert.deepStrictEqual(yield* operations.pending(tenantId, id, 10), [a!.documentId])
        assert.deepInclude(some(yield* operations.find(caller, id)), { state: "running", total: 1 })

        const all = yield* begin(caller, { datasetId })
        const late = yield* makeDocument(caller, datasetId)
        yield* sql`update documents set created_at = now() + interval '1 hour' where id = ${late.documentId}`
        yield* select(caller, all)
        const found = yield* operations.pending(tenantId, all, 10)
        assert.isFalse(found.includes(late.documentId))
        assert.includeMembers([...found], [a!.documentId, b!.documentId])
        assert.isFalse(found.includes(c!.documentId))
      }))

    it.effect("are seen by who began them and by administrators, and of no other tenant", () =>
      Effect.gen(function*() {
        const operations = yield* OperationsRepo
        const { caller, tenantId } = yield* makeTenant
        const other = yield* makeTenant
        const keyId = yield* newId(ApiKeyId)
        const writer = new Caller({ tenantId, keyId, scopes: ["write"], datasetIds: null })
        const stranger = new Caller({ tenantId, keyId: yield* newId(ApiKeyId), scopes: ["write"], datasetIds: null })
        const documentIds = [yield* newId(DocumentId)]
        const mine = yield* begin(writer, { documentIds })
        const theirs = yield* begin(other.caller, { documentIds })
        assert.isTrue(Option.isSome(yield* operations.find(writer, mine)))
        assert.isTrue(Option.isSome(yield* operations.find(caller, mine)))
        assert.isTrue(Option.isNone(yield* operations.find(stranger, mine)))
        assert.isTrue(Option.isNone(yield* operations.find(caller, theirs)))
        assert.deepStrictEqual(some(yield* operations.list(stranger, {})).items, [])
        yield* begin(writer, { documentIds })
        const page = some(yield* operations.list(writer, { limit: 1 }))
        const next = some(yield* operations.list(writer, { limit: 1, cursor: page.next! }))
        assert.deepStrictEqual(next.items.map(({ id }) => id), [mine])
        assert.strictEqual(next.next, undefined)
      }))

    it.effect("are gone 30 days after their end, with what became of each document", () =>
      Effect.gen(function*() {
        const operations = yield* OperationsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const documentIds = yield* Effect.forEach(Array.from({ length: 1_500 }), () => newId(DocumentId))
        const id = yield* begin(caller, { documentIds })
        const kept = yield* begin(caller, { documentIds: documentIds.slice(0, 2) })
        yield* operations.cancel(tenantId, id)
        assert.strictEqual(yield* operations.expire, 0)
        yield* sql`update operations set finished_at = now() - interval '31 days' where id = ${id}`
        const pages: Array<number> = []
        do pages.push(yield* operations.expire)
        while (pages.at(-1)! > 0)
        assert.deepStrictEqual(pages, [1_000, 1, 0])
        assert.isTrue(Option.isNone(yield* operations.find(caller, id)))
        assert.strictEqual((yield* operations.pending(tenantId, kept, 10)).length, 2)
      }))
  })
}
