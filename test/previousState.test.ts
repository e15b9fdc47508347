import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { RunConfig } from "@sheaf/adapters/repos/runs/RunConfig"
import { UploadOptions } from "@sheaf/adapters/repos/documents/UploadsRepo"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import * as Typesense from "@sheaf/adapters/search/typesense"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import { folder as migrations, migrate } from "@sheaf/adapters/sql/migrate"
import { ChunkingSettings, Dataset } from "@sheaf/domain/datasets/Dataset"
import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Metadata } from "@sheaf/domain/documents/Metadata"
import { Actor, Caller } from "@sheaf/domain/edge/Caller"
import { EventBody } from "@sheaf/domain/events/Event"
import { ApiKeyId, DocumentId, TenantId, UploadId } from "@sheaf/domain/ids"
import { Job } from "@sheaf/domain/jobs/Job"
import { SearchRequest } from "@sheaf/domain/search/Search"
import { Space } from "@sheaf/domain/spaces/Space"
import { Datasets } from "@sheaf/server/datasets/Datasets"
import { Uploads } from "@sheaf/server/documents/uploads/Uploads"
import { Mutations } from "@sheaf/server/edge/Mutations"
import * as ParserJail from "@sheaf/worker/parsing/jails"
import * as Worker from "@sheaf/worker/Worker"
import { Clock, Duration, Effect, Layer, Result, Schedule, Schema, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Snapshot from "./fixtures/state/snapshot.ts"
import { some } from "./repos/world.ts"
import * as Database from "./support/database/Database.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"
import * as TypesenseDouble from "./support/typesense/TypesenseDouble.ts"

// Every release before this one may have left work in the middle: see fixtures/state/record.ts.

const states = Path.join(import.meta.dirname, "fixtures", "state")
const files = Fs.readdirSync(states).filter((name) => name.endsWith(".json"))

/** Databases are waited for in real time. */
const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

const emptied = (database: Layer.Layer<SqlClient>) =>
  Layer.effectDiscard(
    SqlClient.use((sql) => Effect.andThen(sql`drop schema public cascade`, sql`create schema public`))
  )
    .pipe(Layer.provideMerge(database), Layer.orDie)

const engines = [
  { name: "PGlite", database: Database.pgliteLayer, index: Pgvector.layer },
  {
    name: "PostgreSQL",
    database: Database.postgresLayer,
    // Debian's PostgreSQL has no vectors: an index apart from the database, as in production.
    index: Layer.unwrap(
      Effect.map(TypesenseDouble.start(), ({ apiKey, url }) => Typesense.layer({ urls: [url], apiKey }))
    )
  }
]

const jailOn = (root: string) =>
  ParserJail.layer({
    processes: 1,
    wallTimeMs: 30_000,
    maxMemoryBytes: 1 << 30,
    maxOutputBytes: 1 << 28,
    inputFolders: [root]
  })

/** Applies what had been applied when the state was recorded, puts it in, and then applies the rest. */
const upgrade = Effect.fnUntraced(function*(snapshot: Snapshot.Snapshot, root: string) {
  const before = yield* temporaryFolder("migrations")
  for (const name of snapshot.migrations) {
    Fs.copyFileSync(Path.join(migrations, `${name}.ts`), Path.join(before, `${name}.ts`))
  }
  Fs.symlinkSync(Path.join(migrations, "..", "node_modules"), Path.join(before, "node_modules"))
  assert.deepStrictEqual(yield* migrate({ directory: before }), snapshot.migrations)
  yield* Snapshot.restore(snapshot, root)
  yield* migrate()
}, Effect.provide(NodeServices.layer))

/** What is stored as JSON, and as what it is read. */
const json: ReadonlyArray<readonly [table: string, column: string, schema: Schema.ConstraintDecoder<unknown>]> = [
  ["api_keys", "created_by", Actor],
  ["audit_log", "actor", Actor],
  ["datasets", "chunking", ChunkingSettings],
  ["datasets", "created_by", Actor],
  ["documents", "created_by", Actor],
  ["documents", "metadata", Metadata],
  ["events", "body", EventBody],
  ["jobs", "cause", FailureCause],
  ["jobs", "payload", Job],
  ["query_log", "actor", Actor],
  ["query_log", "request", SearchRequest],
  ["runs", "cause", FailureCause],
  ["runs", "config", RunConfig],
  ["runs", "created_by", Actor],
  ["spaces", "descriptor", Space],
  ["uploads", "actor", Actor],
  ["uploads", "options", UploadOptions],
  ["work_units", "cause", FailureCause]
]

const decodeAll = Effect.fnUntraced(function*() {
  const sql = yield* SqlClient
  for (const [table, column, schema] of json) {
    const rows = yield* sql`select ${sql(column)} as value from ${sql(table)} where ${sql(column)} is not null`
    yield* Effect.forEach(rows, (row) =>
      Effect.flatMap(
        Effect.result(Schema.decodeUnknownEffect(schema)(row["value"])),
        (decoded) => Effect.sync(() => assert.isTrue(Result.isSuccess(decoded), `${table}.${column}: ${decoded}`))
      ))
  }
})

/** Sends the half of an upload that had not arrived. */
const finishUpload = Effect.fnUntraced(function*(caller: Caller) {
  const sql = yield* SqlClient
  const uploads = yield* Uploads
  const [row] = yield* sql<{ readonly id: string; readonly size: number }>`select id, size from uploads`
  const upload = yield* uploads.status(caller, { uploadId: UploadId.make(row!.id) })
  assert.isAbove(upload.offset, 0)
  const received = yield* uploads.receive(caller, {
    uploadId: upload.uploadId,
    offset: upload.offset,
    length: row!.size - upload.offset,
    isLast: true,
    bytes: Stream.succeed(new TextEncoder().encode("x".repeat(row!.size - upload.offset)))
  })
  assert.strictEqual(received._tag, "Finished")
})

/** A key that was used before must be answered as it was then. */
const askAgain = Effect.fnUntraced(function*(caller: Caller) {
  const mutations = yield* Mutations
  const answer = yield* mutations.once(caller, {
    operation: "DatasetsCreate",
    idempotencyKey: "recorded",
    payload: { name: "made once" },
    answer: Schema.toCodecJson(Dataset)
  }, Effect.die(new Error("it was made before")))
  assert.strictEqual(answer.name, "made once")
})

/** How documents of these names end; all others are to be available. */
const ends: Readonly<Record<string, string>> = { "failed.md": "error", "cancelled.md": "cancelled" }

const indexedBefore: ReadonlySet<string> = new Set(["published.md", "twice.md", "whole.md", "publishing.md"])

const judge = Effect.fnUntraced(function*({ caller, published }: { caller: Caller; published: ReadonlySet<string> }) {
  const datasets = yield* DatasetsRepo
  const documents = yield* DocumentsRepo
  const index = yield* SearchIndex
  const sql = yield* SqlClient
  const { tenantId } = caller

  const rows = yield* sql<{ readonly id: string; readonly name: string; readonly segments: number }>`
    select id, name, segments from documents order by name`
  assert.isAtLeast(rows.length, 14)
  for (const row of rows) {
    const documentId = DocumentId.make(row.id)
    const { publishedRunId, status } = some(yield* documents.find(caller, documentId))
    assert.strictEqual(status, ends[row.name] ?? "available", row.name)
    if (status !== "available") continue
    const ordinals = yield* sql`select ordinal from run_segments where run_id = ${publishedRunId} order by ordinal`
    assert.deepStrictEqual(ordinals.map((part) => part["ordinal"]), Array.from({ length: row.segments }, (_, at) => at))
    assert.isAbove(row.segments, 0, row.name)
    const [told] = yield* sql`select count(*)::int as times from events
      where document_id = ${row.id} and body->>'_tag' = 'DocumentPublished'`
    assert.strictEqual(told!["times"], row.name === "twice.md" ? 2 : 1, row.name)
    assert.strictEqual(published.has(row.id), indexedBefore.has(row.name) && row.name !== "publishing.md", row.name)
    if (indexedBefore.has(row.name)) continue
    const { space } = some(yield* datasets.hold(tenantId, some(yield* documents.find(caller, documentId)).datasetId))
    const entries = yield* index.count(space, tenantId, { _tag: "Document", documentId })
    assert.strictEqual(entries, row.segments, row.name)
  }

  const numbers = yield* sql`select number::int as number from events order by number`
  assert.deepStrictEqual(numbers.map((row) => row["number"]), Array.from({ length: numbers.length }, (_, at) => at + 1))

  const counted = yield* sql`
    select ds.name,
      (select count(*)::int from documents d where d.dataset_id = ds.id) as documents,
      (select coalesce(sum(size), 0)::float8 from documents d where d.dataset_id = ds.id) as bytes,
      (select count(*)::int from documents d join run_segments rs on rs.run_id = d.published_run_id
        where d.dataset_id = ds.id) as segments,
      (select coalesce(sum(s.tokens), 0)::int from documents d join run_segments rs on rs.run_id = d.published_run_id
        join segments s on s.id = rs.segment_id where d.dataset_id = ds.id) as tokens
    from datasets ds order by ds.name`
  const said = some(yield* datasets.list(caller, {})).items
    .map(({ bytes, documents, name, segments, tokens }) => ({ name, documents, bytes, segments, tokens }))
    .sort((a, b) => a.name < b.name ? -1 : 1)
  assert.deepStrictEqual(said, counted)
})

for (const { database, index, name } of engines) {
  for (const file of files) {
    it.effect(
      `what release ${Path.parse(file).name} left in the middle of its work is finished by this one, on ${name}`,
      () =>
        Effect.gen(function*() {
          const snapshot = yield* Snapshot.read(Path.join(states, file))
          const root = yield* temporaryFolder("blobs")
          const stored = Layer.mergeAll(Repos.layer, index).pipe(Layer.provideMerge(Layer.mergeAll(
            InProcessSignals.layer,
            emptied(database),
            FolderBlobs.layer({ root }),
            Bundled.layer({ threads: 1 })
          )))
          const services = yield* Layer.build(
            Layer.mergeAll(Datasets.layer, Mutations.layer).pipe(
              (server) => Layer.provideMerge(Uploads.layer({ maxBytes: 1_000_000 }), server),
              Layer.provideMerge(stored)
            )
          )
          yield* Effect.gen(function*() {
            const sql = yield* SqlClient
            yield* upgrade(snapshot, root)
            yield* decodeAll()

            const [tenant] = yield* sql<{ readonly id: string }>`select id from tenants`
            const [key] = yield* sql<{ readonly id: string }>`select id from api_keys`
            const caller = new Caller({
              tenantId: TenantId.make(tenant!.id),
              keyId: ApiKeyId.make(key!.id),
              scopes: ["admin"],
              datasetIds: null
            })
            const before = yield* sql<
              { readonly id: string }
            >`select id from documents where published_run_id is not null`
            const published = new Set(before.map(({ id }) => id))
            yield* finishUpload(caller)
            const worker = Worker.layer({ name: "next", alone: true, poll: Duration.millis(100) }).pipe(
              Layer.provide(Layer.merge(jailOn(root), DatabaseFeed.layer))
            )
            yield* Layer.build(worker)

            const owed = sql`select 1 from jobs where state <> 'dead' and not_before < now() + interval '5 minutes'`
            const loose = sql`select 1 from events where number is null union all select 1 from dataset_counter_deltas`
            for (const left of [owed, loose]) {
              yield* left.pipe(
                Effect.repeat({ until: (rows) => rows.length === 0, schedule: Schedule.spaced("100 millis") })
              )
            }
            yield* judge({ caller, published })
            yield* askAgain(caller)
            yield* decodeAll()
          }).pipe(Effect.provide(Layer.succeedContext(services)))
        }).pipe(Effect.scoped, real),
      180_000
    )
  }
}
