import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Embedder, EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { Intake } from "@sheaf/adapters/repos/documents/Intake"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { transact } from "@sheaf/adapters/repos/rows"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import { SearchIndex, SearchIndexError } from "@sheaf/adapters/search/SearchIndex"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import type { ChunkingSettings } from "@sheaf/domain/datasets/Dataset"
import type { Document } from "@sheaf/domain/documents/Document"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type DatasetId, DocumentId } from "@sheaf/domain/ids"
import { ParserJail } from "@sheaf/worker/parsing/jail/ParserJail"
import * as Jails from "@sheaf/worker/parsing/jails"
import { languageData } from "@sheaf/worker/parsing/render/ocr/languages"
import { RenderJail } from "@sheaf/worker/parsing/render/RenderJail"
import * as Worker from "@sheaf/worker/Worker"
import { Clock, Context, Duration, Effect, Layer, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as Path from "node:path"
import { some } from "../repos/world.ts"
import * as Database from "./database/Database.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

/** Switches that make a dependency of the pipeline fail, and a count of what it was asked for. */
export class Faults extends Context.Service<Faults, {
  embedderDown: boolean
  /** Never answers; `hanging` counts the calls that wait for it. */
  embedderHangs: boolean
  hanging: number
  indexDown: boolean
  /** The index never answers who wants more segments removed at once; `removals` counts what it was asked for. */
  removesAtMost: number
  readonly removals: Array<number>
  embedded: number
  /** Ranges of pages that a parser was given. */
  parsed: number
}>()("sheaf/test/support/Pipeline/Faults") {}

const faults = Layer.sync(
  Faults,
  () => ({
    embedderDown: false,
    embedderHangs: false,
    hanging: 0,
    indexDown: false,
    removesAtMost: Infinity,
    removals: [],
    embedded: 0,
    parsed: 0
  })
)

/** The real embedder, behind the switch. */
const embedder = Layer.effect(
  Embedder,
  Effect.gen(function*() {
    const real = yield* Embedder
    const state = yield* Faults
    return Embedder.of({
      ...real,
      embedDocuments: (texts) => {
        if (state.embedderDown) {
          return Effect.fail(new EmbedderUnavailable({ operation: "embed", retryAfterMs: 20, cause: "switched off" }))
        }
        if (state.embedderHangs) {
          return Effect.sync(() => state.hanging++).pipe(
            Effect.andThen(Effect.never),
            Effect.ensuring(Effect.sync(() => state.hanging--))
          )
        }
        state.embedded += texts.length
        return real.embedDocuments(texts)
      }
    })
  })
).pipe(Layer.provide(Bundled.layer({ threads: 1 })))

/** The real index, behind the switch. */
const index = Layer.effect(
  SearchIndex,
  Effect.gen(function*() {
    const real = yield* SearchIndex
    const state = yield* Faults
    const down = new SearchIndexError({ operation: "upsert", isRetryable: true, cause: "switched off" })
    return SearchIndex.of({
      ...real,
      upsert: (...entries) => state.indexDown ? Effect.fail(down) : real.upsert(...entries),
      remove: (space, tenantId, scope) => {
        if (state.indexDown) return Effect.fail(down)
        const segments = scope._tag === "Segments" ? scope.segmentIds.length : 0
        if (segments > 0) state.removals.push(segments)
        return segments > state.removesAtMost ? Effect.never : real.remove(space, tenantId, scope)
      }
    })
  })
).pipe(Layer.provide(Pgvector.layer))

const onRealTime = Layer.succeed(Clock.Clock, Clock.Clock.defaultValue())

/** The whole pipeline over an empty database and folder, with a worker at work, any embedder, and the parsers or those of a test. */
export const layerOf = <E, R>(embedder: Layer.Layer<Embedder, E, R>, parsers?: Layer.Layer<ParserJail>) =>
  Layer.unwrap(Effect.map(temporaryFolder("pipeline"), (home) => {
    const root = Path.join(home, "blobs")
    const stored = Layer.mergeAll(Repos.layer, index).pipe(
      Layer.provideMerge(
        Layer.mergeAll(InProcessSignals.layer, Database.pgliteLayer, FolderBlobs.layer({ root }), embedder)
      ),
      Layer.provideMerge(faults)
    )
    const jails = Jails.layer({
      languages: languageData(["eng"]).found,
      processes: 1,
      wallTimeMs: 30_000,
      maxMemoryBytes: 1 << 30,
      maxOutputBytes: 1 << 28,
      inputFolders: [root]
    })
    const counted = Layer.effect(
      ParserJail,
      Effect.gen(function*() {
        const real = yield* ParserJail
        const state = yield* Faults
        return ParserJail.of({
          ...real,
          parse: (...request) => {
            state.parsed++
            return real.parse(...request)
          }
        })
      })
    ).pipe(Layer.provide(parsers ?? jails))
    const drawing = Layer.effect(RenderJail, RenderJail).pipe(Layer.provide(jails))
    const worker = Worker.layer({
      name: "test",
      alone: true,
      poll: Duration.millis(100),
      heartbeat: Duration.millis(100),
      upkeep: { secondLook: Duration.millis(300), grace: Duration.zero, lookEvery: Duration.hours(1) }
    })
    return worker.pipe(Layer.provide(Layer.mergeAll(counted, drawing, DatabaseFeed.layer)), Layer.provideMerge(stored))
  })).pipe(Layer.orDie, Layer.provide(onRealTime))

/** The same as the embedded profile has it. */
export const layer = layerOf(embedder)

export const makeDataset = Effect.fnUntraced(function*(
  caller: Caller,
  chunking: ChunkingSettings = { method: "general" }
) {
  const datasets = yield* DatasetsRepo
  const { space } = yield* Embedder
  const name = yield* newId(DocumentId)
  return some(yield* datasets.insert(caller, space, { name, description: "", chunking, permission: "tenant" }))
})

/** Accepts a document as an upload does. */
export const ingest = Effect.fnUntraced(function*(
  caller: Caller,
  datasetId: DatasetId,
  file: { readonly name: string; readonly bytes: Uint8Array | string }
) {
  const blobs = yield* BlobStore
  const intake = yield* Intake
  const sql = yield* SqlClient.SqlClient
  const { actor, tenantId } = caller
  const documentId = yield* newId(DocumentId)
  const owner = { tenantId, datasetId, documentId }
  const bytes = typeof file.bytes === "string" ? new TextEncoder().encode(file.bytes) : file.bytes
  const { sha256, size } = yield* blobs.put(rawKey(owner), Stream.succeed(bytes))
  return yield* transact(sql)(intake.accept({
    ...owner,
    name: file.name,
    declaredType: null,
    size,
    contentHash: sha256,
    metadata: {},
    ifSame: "new",
    lane: "interactive",
    actor
  }))
})

const rested = new Set(["available", "error", "cancelled"])

/** Looks until a document satisfies a condition, by default that nothing is owed for it any more. Real time, bounded by the test's. */
export const until = Effect.fnUntraced(function*(
  caller: Caller,
  documentId: DocumentId,
  satisfied: (document: Document) => boolean = (document) => rested.has(document.status)
) {
  const documents = yield* DocumentsRepo
  return yield* documents.find(caller, documentId).pipe(
    Effect.map(some),
    Effect.repeat({ until: satisfied, schedule: Schedule.spaced("20 millis") }),
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
  )
})
