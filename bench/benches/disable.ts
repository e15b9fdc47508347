// Claim: disabling 10,000 segments of a document takes at most twice as long as a bare UPDATE of the same rows, and no search that is
// begun after the answer shows one of them.
// How: over the API and the SDK against one bare statement in one transaction, in turns, five times each; the medians; on PostgreSQL,
// which writes to the disk what it acknowledges, and on the embedded database. Nobody works on what the index owes then: what readers
// see is decided by the rows. Searches begin as soon as the answer is there, over the embedded index, which still holds all entries.
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DocumentId, RunId, SegmentId, Sha256, type TenantId } from "@sheaf/domain/ids"
import { Sheaf } from "@sheaf/sdk/effect"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import { Server } from "@sheaf/server/Server"
import { Array as Arr, Context, DateTime, Deferred, Effect, FileSystem, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import * as Database from "../../test/support/database/Database.ts"
import * as Bench from "../framework/Bench.ts"
import { median, timed } from "../framework/measure.ts"
import { makePassages } from "../inputs/passages.ts"
import * as InstantEmbedder from "../programs/instantEmbedder.ts"
import * as servers from "../support/servers.ts"

const count = 10_000
const rounds = 5

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex")

/** A published document, as the pipeline leaves it, but for its entries. */
const fill = Effect.fnUntraced(function*(tenantId: TenantId) {
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const segments = yield* SegmentsRepo
  const transaction = transact(yield* SqlClient.SqlClient)
  const { passage } = makePassages(1)
  const caller = new Caller({ tenantId, keyId: yield* newId(ApiKeyId), scopes: ["admin"], datasetIds: null })
  const { actor } = caller
  const chunking = { method: "general" } as const
  const space = Bundled.space
  const datasetId = yield* datasets.insert(caller, space, {
    name: "bench",
    description: "",
    chunking,
    permission: "tenant"
  }).pipe(Effect.flatMap(Effect.fromOption))
  const documentId = yield* newId(DocumentId)
  const runId = yield* newId(RunId)
  const made = yield* Effect.forEach(Arr.range(0, count - 1), (ordinal) =>
    Effect.map(newId(SegmentId), (id) => {
      const text = passage(120)
      const textHash = hashOf(text)
      return { id, ordinal, text, headingPath: [], textHash, tokens: 150, language: "en", boxes: [] }
    }))
  yield* transaction(Effect.gen(function*() {
    const contentHash = Sha256.make(hashOf(documentId))
    const document = { datasetId, documentId, name: "d.txt", declaredType: null, size: 1, metadata: {}, actor }
    yield* documents.insert(tenantId, { ...document, contentHash })
    yield* documents.insertRun(tenantId, {
      datasetId,
      documentId,
      runId,
      config: { space, chunking, lane: "bulk" },
      actor
    })
    const owner = { datasetId, documentId, runId, spaceId: space.id }
    yield* Effect.forEach(Arr.chunksOf(made, 500), (page) => segments.add(tenantId, owner, page), { discard: true })
    yield* segments.markIndexed(tenantId, made.map(({ id }) => id))
    yield* documents.publish(tenantId, documentId, { runId, pages: 1, ...(yield* segments.totals(tenantId, runId)) })
  }))
  return { datasetId, documentId, made, tenantId }
})
type Filled = Effect.Success<ReturnType<typeof fill>>

const index = Effect.fnUntraced(function*({ datasetId, documentId, made, tenantId }: Filled) {
  const search = yield* SearchIndex
  const createdAt = DateTime.toDate(yield* DateTime.now)
  yield* search.ensure(Bundled.space)
  for (const page of Arr.chunksOf(made, 500)) {
    yield* search.upsert(
      Bundled.space,
      tenantId,
      page.map(({ id: segmentId, text }) => {
        const { length, terms } = analyze(text)
        return {
          segmentId,
          datasetId,
          documentId,
          document: { name: "d.txt", mediaType: "text/plain", createdAt, metadata: {} },
          terms,
          length,
          vector: InstantEmbedder.madeVector(text, Bundled.space.dimension)
        }
      })
    )
  }
})

const measure = Effect.fnUntraced(function*(searching: boolean) {
  const sql = yield* SqlClient.SqlClient
  const server = yield* Server
  const secret = yield* Deferred.make<Redacted.Redacted>()
  yield* ensureFirstKey((key) => Effect.asVoid(Deferred.succeed(secret, key)))
  const key = yield* Deferred.await(secret)
  const client = yield* Layer.build(Sheaf.layer({ url: server.url, key, timeout: "2 minutes" }))
  const sheaf = Context.get(client, Sheaf)
  const { id: tenantId } = yield* Effect.flatMap((yield* TenantsRepo).findByName("default"), Effect.fromOption)
  const filled = yield* fill(tenantId)
  if (searching) yield* index(filled)
  const { datasetId, documentId, made } = filled
  const segmentIds = made.map(({ id }) => id)
  const transaction = transact(sql)
  const set = (enabled: boolean) =>
    transaction(sql`update segments set enabled = ${enabled}
      where tenant_id = ${tenantId} and document_id = ${documentId}`)
  const restore = Effect.andThen(
    set(true),
    sql`update segments set index_state = 'in_sync' where tenant_id = ${tenantId} and document_id = ${documentId}`
  ).pipe(Effect.andThen(sql`vacuum segments`))

  const called: Array<number> = []
  const bare: Array<number> = []
  let shown = 0
  const { question } = makePassages(1)
  const texts = made.slice(0, 20).map(({ text }) => question(text))
  const search = Effect.forEach(
    texts,
    (text) => sheaf.search({ text, datasets: [{ id: datasetId }], limit: 100 }),
    { concurrency: 4 }
  )
  for (let round = 0; round <= rounds; round++) {
    const update = yield* timed(set(false))
    yield* restore
    if (searching && (yield* search).some(({ hits }) => hits.length === 0)) {
      return yield* Effect.die(new Error("the searches find nothing before"))
    }
    const disable = yield* timed(sheaf.segments.disable({ documentId, segmentIds }))
    if (disable.value.changed !== count) return yield* Effect.die(new Error("not all were enabled before"))
    if (searching) { for (const { hits } of yield* search) shown += hits.length }
    yield* restore
    // The first one warms up.
    if (round === 0) continue
    called.push(disable.ms)
    bare.push(update.ms)
  }
  return { called: median(called), bare: median(bare), shown }
})

const layerOn = (database: Layer.Layer<SqlClient.SqlClient>, root: string) =>
  Server.layer({ version: "0.0.0-bench", profile: "embedded" }).pipe(
    Layer.provideMerge(Layer.unwrap(Effect.map(ofPorts(), Health.layer))),
    Layer.provideMerge(
      Layer.mergeAll(Repos.layer, Pgvector.layer).pipe(
        Layer.provideMerge(
          Layer.mergeAll(
            InProcessSignals.layer,
            database,
            FolderBlobs.layer({ root }),
            Layer.provide(InstantEmbedder.layer, Bundled.layer({ threads: 1 }))
          )
        )
      )
    )
  )

export default Bench.make({
  name: "disable",
  claim: "10,000 segments are hidden in about the time of a bare UPDATE, and then nobody finds them",
  minutes: 10,
  run: Effect.gen(function*() {
    const root = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped({ prefix: "sheaf-bench-" })
    const { url } = yield* servers.postgres
    const postgres = Layer.orDie(Postgres.layer({ url: Redacted.make(url), role: "api" }))
    const on = (database: Layer.Layer<SqlClient.SqlClient>, searching: boolean) =>
      Effect.scoped(
        Effect.flatMap(Layer.build(layerOn(database, root)), (services) => Effect.provide(measure(searching), services))
      )
    const large = yield* on(postgres, false)
    const small = yield* on(Database.pgliteLayer, true)
    return [
      { name: "call to bare UPDATE, PostgreSQL", value: large.called / large.bare, unit: "x", target: { atMost: 2 } },
      { name: "call to bare UPDATE, embedded", value: small.called / small.bare, unit: "x", target: { atMost: 2 } },
      { name: "disabled segments that searches showed", value: small.shown, unit: "segments", target: { atMost: 0 } },
      { name: "call, PostgreSQL", value: large.called, unit: "ms" },
      { name: "bare UPDATE, PostgreSQL", value: large.bare, unit: "ms" },
      { name: "call, embedded", value: small.called, unit: "ms" },
      { name: "bare UPDATE, embedded", value: small.bare, unit: "ms" }
    ]
  })
})
