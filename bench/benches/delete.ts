// Claim: a document of 10,000 segments is deleted in bounded transactions and bounded memory: none stands for more than a quarter of a second
// on a quiet machine, and what the process holds does not grow with the document.
// How: the embedded profile in this process, with its index; a document of 1,000 segments and one of 10,000, each with all its entries and
// vectors. From the transaction that hides it to the event that says what went. Transactions are timed by their spans;
// memory is what the process holds after a collection, looked at ten times a second, over what it held before.
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { VectorsRepo } from "@sheaf/adapters/repos/segments/VectorsRepo"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DocumentId, RunId, SegmentId, Sha256 } from "@sheaf/domain/ids"
import * as ParserJail from "@sheaf/worker/parsing/jails"
import * as Worker from "@sheaf/worker/Worker"
import { Array as Arr, DateTime, Effect, FileSystem, Layer, Schedule, Tracer } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import v8 from "node:v8"
import { runInNewContext } from "node:vm"
import * as Database from "../../test/support/database/Database.ts"
import * as Bench from "../framework/Bench.ts"
import { timed } from "../framework/measure.ts"
import { makePassages } from "../inputs/passages.ts"
import * as InstantEmbedder from "../programs/instantEmbedder.ts"

v8.setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

/** Bytes that somebody still holds. */
const held = Effect.sync(() => {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
})

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex")

/** The longest of each kind of span since it was last asked. */
const makeStopwatch = () => {
  const longest = new Map<string, number>()
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      const end = span.end.bind(span)
      span.end = (time, exit) => {
        const begun = options.startTime
        const ms = Number(time - begun) / 1e6
        longest.set(options.name, Math.max(longest.get(options.name) ?? 0, ms))
        end(time, exit)
      }
      return span
    }
  })
  return { longest, layer: Layer.succeed(Tracer.Tracer, tracer) }
}

const fill = Effect.fnUntraced(function*(count: number) {
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const segments = yield* SegmentsRepo
  const vectors = yield* VectorsRepo
  const transaction = transact(yield* SqlClient.SqlClient)
  const { space } = yield* Embedder
  const { passage } = makePassages(1)
  const tenant = yield* Effect.flatMap((yield* TenantsRepo).insert(`bench-${count}`), Effect.fromOption)
  const caller = new Caller({ tenantId: tenant.id, keyId: yield* newId(ApiKeyId), scopes: ["admin"], datasetIds: null })
  const { actor, tenantId } = caller
  const chunking = { method: "general" } as const
  const settings = { name: "bench", description: "", chunking, permission: "tenant" } as const
  const datasetId = yield* Effect.flatMap(datasets.insert(caller, space, settings), Effect.fromOption)
  const documentId = yield* newId(DocumentId)
  const runId = yield* newId(RunId)
  const document = {
    name: "d.txt",
    mediaType: "text/plain",
    createdAt: DateTime.toDate(yield* DateTime.now),
    metadata: {}
  }
  yield* transaction(Effect.gen(function*() {
    const contentHash = Sha256.make(hashOf(documentId))
    const row = { datasetId, documentId, name: "d.txt", declaredType: null, size: 1, metadata: {}, actor, contentHash }
    yield* documents.insert(tenantId, row)
    const config = { space, chunking, lane: "bulk" } as const
    yield* documents.insertRun(tenantId, { datasetId, documentId, runId, config, actor })
  }))
  yield* index.ensure(space)
  const owner = { datasetId, documentId, runId, spaceId: space.id }
  for (let from = 0; from < count; from += 500) {
    const page = yield* Effect.forEach(
      Arr.range(from, Math.min(from + 500, count) - 1),
      (ordinal) =>
        Effect.map(newId(SegmentId), (id) => {
          const text = `${passage(120)} ${ordinal}`
          return { id, ordinal, text, headingPath: [], textHash: hashOf(text), tokens: 150, language: "en", boxes: [] }
        })
    )
    const made = page.map(({ text }) => InstantEmbedder.madeVector(text, space.dimension))
    yield* transaction(segments.add(tenantId, owner, page))
    yield* vectors.save(tenantId, space.id, new Map(page.map(({ textHash }, i) => [textHash, made[i]!])))
    yield* index.upsert(
      space,
      tenantId,
      page.map(({ id, text }, i) => ({
        segmentId: id,
        datasetId,
        documentId,
        document,
        ...analyze(text),
        vector: made[i]!
      }))
    )
    yield* segments.markIndexed(tenantId, page.map(({ id }) => id))
  }
  yield* transaction(Effect.gen(function*() {
    yield* documents.publish(tenantId, documentId, { runId, pages: 1, ...(yield* segments.totals(tenantId, runId)) })
    yield* Effect.flatMap(
      SqlClient.SqlClient,
      (sql) =>
        sql`update runs set state = 'published', finished_at = now() where tenant_id = ${tenantId} and id = ${runId}`
    )
  }))
  return { caller, documentId }
})

const measure = Effect.fnUntraced(function*(count: number, longest: Map<string, number>) {
  const documents = yield* DocumentsRepo
  const removal = yield* Removal
  const transaction = transact(yield* SqlClient.SqlClient)
  const { caller, documentId } = yield* fill(count)
  const before = yield* held
  let peak = before
  yield* held.pipe(
    Effect.tap((now) => Effect.sync(() => void (peak = Math.max(peak, now)))),
    Effect.repeat(Schedule.spaced("100 millis")),
    Effect.forkScoped
  )
  longest.clear()
  const hidden = yield* timed(transaction(removal.document(caller, documentId)))
  const gone = documents.exists(caller.tenantId, documentId).pipe(
    Effect.repeat({ until: (isThere) => !isThere, schedule: Schedule.spaced("50 millis") })
  )
  const purged = yield* timed(gone)
  return { hidden: hidden.ms, purged: purged.ms, grown: peak - before, longest: new Map(longest) }
}, Effect.scoped)

const run = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped()
  const { layer: tracer, longest } = makeStopwatch()
  const embedder = Layer.mock(Embedder, { space: Bundled.space, parallel: 1, ready: Effect.void })
  const stored = Layer.mergeAll(Repos.layer, Pgvector.layer).pipe(
    Layer.provideMerge(
      Layer.mergeAll(InProcessSignals.layer, Database.pgliteLayer, FolderBlobs.layer({ root }), embedder)
    )
  )
  const jail = ParserJail.layer({
    processes: 1,
    wallTimeMs: 30_000,
    maxMemoryBytes: 1 << 30,
    maxOutputBytes: 1 << 28,
    inputFolders: [root]
  })
  const worker = Worker.layer({ name: "bench", alone: true }).pipe(
    Layer.provide(Layer.mergeAll(jail, DatabaseFeed.layer)),
    Layer.provideMerge(stored),
    Layer.provideMerge(tracer)
  )
  return yield* Effect.gen(function*() {
    const small = yield* measure(1_000, longest)
    const large = yield* measure(10_000, longest)
    const mebibytes = (bytes: number) => bytes / 2 ** 20
    return [
      { name: "hiding 10,000 segments", value: large.hidden, unit: "ms" },
      { name: "deleting 1,000 segments", value: small.purged / 1_000, unit: "s" },
      { name: "deleting 10,000 segments", value: large.purged / 1_000, unit: "s" },
      {
        name: "longest transaction",
        value: large.longest.get("sql.transaction") ?? 0,
        unit: "ms",
        target: { atMost: 250 }
      },
      { name: "memory grown at 1,000 segments", value: mebibytes(small.grown), unit: "MiB" },
      { name: "memory grown at 10,000 segments", value: mebibytes(large.grown), unit: "MiB", target: { atMost: 64 } }
    ]
  }).pipe(Effect.provide(worker))
})

export default Bench.make({
  name: "delete",
  claim: "a document of 10,000 segments is deleted in bounded transactions and memory",
  minutes: 20,
  run: Effect.scoped(run)
})
