import { assert, it } from "@effect/vitest"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { ListsRepo } from "@sheaf/adapters/repos/documents/ListsRepo"
import { IdempotencyRepo } from "@sheaf/adapters/repos/access/IdempotencyRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import { type DocumentStatus, statusOf } from "@sheaf/domain/documents/status"
import { Caller, OnBehalfOf } from "@sheaf/domain/edge/Caller"
import { Sha256, WorkUnitId } from "@sheaf/domain/ids"
import { isFinal, type RunState, type Stage } from "@sheaf/domain/runs/Run"
import { stateOf } from "@sheaf/domain/runs/progress"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeDocument, makeTenant, some, space } from "./world.ts"

const states: ReadonlyArray<RunState> = [
  "queued",
  "parsing",
  "chunking",
  "embedding",
  "indexing",
  "publishing",
  "published",
  "failed",
  "cancelled"
]
const booleans = [false, true] as const

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`documents on ${name}`, (it) => {
    it.effect(
      "a filter by status and the status shown agree for every combination of facts",
      () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const documents = yield* DocumentsRepo
          const lists = yield* ListsRepo
          const { caller, tenantId } = yield* makeTenant
          const datasetId = yield* makeDataset(caller)
          const { documentId, runId } = yield* makeDocument(caller, datasetId)
          const combinations = states.flatMap((state) =>
            booleans.flatMap((published) =>
              booleans.flatMap((archived) => booleans.map((enabled) => ({ state, published, archived, enabled })))
            )
          )
          const seen = new Set<DocumentStatus>()
          for (const facts of combinations) {
            for (const [paused, waiting] of [[false, false], [true, false], [false, true]] as const) {
              yield* sql`update documents set archived = ${facts.archived}, enabled = ${facts.enabled},
              published_run_id = ${facts.published ? runId : null}::uuid where tenant_id = ${tenantId}`
              yield* sql`update runs set state = ${facts.state}, paused = ${paused},
              waiting_for = ${waiting ? "embedder" : null} where tenant_id = ${tenantId}`
              const expected = statusOf({ ...facts, deleting: false, run: { state: facts.state, paused, waiting } })
              seen.add(expected)
              const shown = some(yield* documents.find(caller, documentId))
              const listed = some(yield* lists.list(caller, { datasetId, filter: { status: [expected] } }))
              assert.strictEqual(shown.status, expected)
              assert.deepStrictEqual(listed.items.map((document) => document.id), [documentId])
            }
          }
          assert.strictEqual(seen.size, 10)
        }),
      120_000
    )

    it.effect("nobody sees another tenant's, another person's private, or a dataset outside the key's limits", () =>
      Effect.gen(function*() {
        const datasets = yield* DatasetsRepo
        const documents = yield* DocumentsRepo
        const [mine, theirs] = [yield* makeTenant, yield* makeTenant]
        const writer = (id: string) =>
          new Caller({ ...mine.caller, scopes: ["write"], onBehalfOf: new OnBehalfOf({ id }) })
        const shared = yield* makeDataset(mine.caller)
        const secret = yield* makeDataset(writer("ada"), "private")
        const { documentId } = yield* makeDocument(writer("ada"), secret)
        const sees = (caller: Caller) =>
          Effect.map(datasets.list(caller, {}), (page) => some(page).items.map((dataset) => dataset.id))
        assert.deepStrictEqual(new Set(yield* sees(writer("ada"))), new Set([shared, secret]))
        assert.deepStrictEqual(yield* sees(writer("bob")), [shared])
        assert.deepStrictEqual(new Set(yield* sees(mine.caller)), new Set([shared, secret]))
        assert.deepStrictEqual(yield* sees(new Caller({ ...mine.caller, datasetIds: [secret] })), [secret])
        assert.deepStrictEqual(yield* sees(theirs.caller), [])
        assert.isTrue(Option.isSome(yield* documents.find(writer("ada"), documentId)))
        for (const other of [writer("bob"), theirs.caller, new Caller({ ...mine.caller, datasetIds: [shared] })]) {
          assert.isTrue(Option.isNone(yield* documents.find(other, documentId)))
          assert.isTrue(Option.isNone(yield* datasets.find(other, secret)))
        }
      }))

    it.effect("counts are the sum of what was folded and what was not", () =>
      Effect.gen(function*() {
        const datasets = yield* DatasetsRepo
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const counts = Effect.map(datasets.find(caller, datasetId), (found) => {
          const { bytes, documents, segments, tokens } = some(found)
          return { bytes, documents, segments, tokens }
        })
        yield* datasets.count(tenantId, datasetId, { documents: 2, bytes: 5_000_000_000 })
        yield* datasets.count(tenantId, datasetId, { segments: 10, tokens: 100 })
        const before = yield* counts
        assert.deepStrictEqual(before, { documents: 2, bytes: 5_000_000_000, segments: 10, tokens: 100 })
        yield* datasets.fold(1_000)
        assert.deepStrictEqual(yield* counts, before)
        yield* datasets.count(tenantId, datasetId, { documents: -1, segments: -4, tokens: -40 })
        yield* datasets.fold(1_000)
        assert.deepStrictEqual(yield* counts, { documents: 1, bytes: 5_000_000_000, segments: 6, tokens: 60 })
      }))

    it.effect("the state of a run follows from its units, and a final one never changes", () =>
      Effect.gen(function*() {
        const runs = yield* RunsRepo
        const { caller, tenantId } = yield* makeTenant
        const { documentId, runId } = yield* makeDocument(caller, yield* makeDataset(caller))
        const unit = Effect.fnUntraced(function*(stage: Stage, ordinal: number, weight: number) {
          const id = yield* newId(WorkUnitId)
          yield* runs.plan(tenantId, runId, [{ id, stage, ordinal, weight, spec: {} }])
          return id
        })
        const look = Effect.map(runs.ofDocument(tenantId, documentId), (all) => all[0]!)
        const [first, second] = [yield* unit("parse", 0, 16), yield* unit("parse", 1, 4)]
        assert.deepStrictEqual(yield* runs.completeUnit(tenantId, runId, { id: first, stage: "parse", elapsedMs: 5 }), {
          stageDone: false
        })
        const parsing = yield* look
        assert.deepStrictEqual([parsing.state, parsing.progress], ["parsing", [{
          stage: "parse",
          done: 16,
          total: 20
        }]])
        assert.deepStrictEqual(
          yield* runs.completeUnit(tenantId, runId, { id: second, stage: "parse", elapsedMs: 7 }),
          {
            stageDone: true
          }
        )
        const chunking = yield* look
        assert.deepStrictEqual([chunking.state, chunking.timings], ["chunking", { parse: 12 }])
        assert.isAbove(chunking.revision, parsing.revision)
        assert.isTrue(yield* runs.end(tenantId, runId, "cancelled"))
        assert.isFalse(yield* runs.end(tenantId, runId, "published"))
        assert.strictEqual((yield* look).state, "cancelled")
      }))

    it.effect("vectors come back bit for bit, and the first one stays", () =>
      Effect.gen(function*() {
        const vectors = yield* VectorsRepo
        const { caller, tenantId } = yield* makeTenant
        yield* makeDataset(caller)
        const vector = Float32Array.from([0.1, -2.5e-8, 3e7, 1])
        yield* vectors.save(tenantId, space.id, new Map([["a", vector], ["b", Float32Array.from([1, 2, 3, 4])]]))
        yield* vectors.save(tenantId, space.id, new Map([["a", Float32Array.from([9, 9, 9, 9])]]))
        const found = yield* vectors.find(tenantId, space.id, ["a", "b", "c"])
        assert.deepStrictEqual([...found.keys()].sort(), ["a", "b"])
        assert.deepStrictEqual(found.get("a"), vector)
      }))

    it.effect("the same bytes are found again, and an idempotency key belongs to its first taker", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const documents = yield* DocumentsRepo
        const keys = yield* IdempotencyRepo
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const { documentId, runId } = yield* makeDocument(caller, datasetId)
        const hash = some(yield* documents.find(caller, documentId)).contentHash
        const same = documents.findSame(tenantId, datasetId, hash).pipe(sql.withTransaction)
        assert.deepStrictEqual(some(yield* same), { documentId, runId })
        const other = documents.findSame(tenantId, datasetId, Sha256.make("f".repeat(64))).pipe(sql.withTransaction)
        assert.isTrue(Option.isNone(yield* other))

        const take = keys.take(tenantId, "key", "Op", "hash")
        assert.isTrue(Option.isNone(yield* take))
        yield* keys.store(tenantId, "key", JSON.stringify({ answer: 1 }))
        assert.deepStrictEqual(some(yield* take), { operation: "Op", payloadHash: "hash", answer: "{\"answer\": 1}" })
        yield* sql`update idempotency_keys set created_at = now() - interval '25 hours' where tenant_id = ${tenantId}`
        assert.isTrue(Option.isNone(yield* take))
      }))
  })
}

it("the state of a run is that of its first unfinished stage, whatever the order of its units", () => {
  assert.strictEqual(stateOf([]), "parsing")
  assert.strictEqual(stateOf([{ stage: "parse", done: 3, total: 3 }]), "chunking")
  assert.strictEqual(
    stateOf([
      { stage: "index", done: 1, total: 4 },
      { stage: "embed", done: 2, total: 4 },
      { stage: "chunk", done: 1, total: 1 },
      { stage: "parse", done: 3, total: 3 }
    ]),
    "embedding"
  )
  assert.deepStrictEqual(states.filter(isFinal), ["published", "failed", "cancelled"])
})
