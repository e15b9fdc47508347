import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Embedder, EmbedderUnavailable, EmbeddingRejected } from "@sheaf/adapters/embedding/Embedder"
import { previousEmbedders } from "@sheaf/adapters/embedding/Embedders"
import { makeSpace } from "@sheaf/adapters/embedding/makeSpace"
import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import * as Repos from "@sheaf/adapters/repos/Repos"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import * as Typesense from "@sheaf/adapters/search/typesense"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import type { DatasetId, DocumentId, TenantId } from "@sheaf/domain/ids"
import type { SearchResult } from "@sheaf/domain/search/Search"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Server } from "@sheaf/server/Server"
import * as ParserJail from "@sheaf/worker/parsing/jails"
import * as Worker from "@sheaf/worker/Worker"
import { Clock, Context, Duration, Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import * as Path from "node:path"
import { space as universal } from "../repos/world.ts"
import * as Database from "../support/database/Database.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import * as TestServer from "../support/TestServer.ts"
import * as TypesenseDouble from "../support/typesense/TypesenseDouble.ts"

// A server and a worker with two embedders: datasets are made in the space of the first and moved to that of the second.

const spaceOf = (model: string, dimension: number) => makeSpace({ ...universal, model, dimension, maxTokens: 512 })

export const old = spaceOf("old", 4)
export const young = spaceOf("young", 8)

export const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

/** What becomes of calls of the second embedder. */
class Young extends Context.Service<Young, {
  isDown: boolean
  /** Does not answer to texts with this word, as long as it stands here; `hanging` counts the calls that wait. */
  hangs: string | null
  hanging: number
  embedded: number
  /** Refuses texts with this word. */
  refuses: string | null
  /** Gives up on whatever has a text with this word in it. */
  chokesOn: string | null
}>()("sheaf/test/spaces/world/Young") {}

/** A direction that depends on the words alone: texts that share some are near. */
const vectorOf = (text: string, dimension: number): Float32Array => {
  const vector = new Float32Array(dimension).fill(0.01)
  for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
    let hash = 7
    for (const character of word) hash = (hash * 31 + character.charCodeAt(0)) % 1_009
    vector[hash % dimension]! += 1
  }
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

const made = (space: Space): Embedder["Service"] =>
  Embedder.of({
    space,
    parallel: 2,
    ready: Effect.void,
    check: Effect.void,
    embedDocuments: (texts) => Effect.succeed(texts.map((text) => vectorOf(text, space.dimension))),
    embedQuery: (text) => Effect.succeed(vectorOf(text, space.dimension)),
    countTokens: (texts) => Effect.succeed(texts.map((text) => text.split(/\s+/).length))
  })

const second = Effect.map(Young, (state) => {
  const real = made(young)
  return Embedder.of({
    ...real,
    embedDocuments: Effect.fnUntraced(function*(texts) {
      if (state.isDown) return yield* new EmbedderUnavailable({ operation: "embed", retryAfterMs: 20, cause: "off" })
      const hangs = () => state.hangs !== null && texts.some((text) => text.includes(state.hangs!))
      if (hangs()) {
        state.hanging++
        yield* Effect.sync(hangs).pipe(
          Effect.repeat({ while: (still) => still, schedule: Schedule.spaced("20 millis") }),
          Effect.ensuring(Effect.sync(() => state.hanging--)),
          really
        )
      }
      const { chokesOn, refuses } = state
      if (chokesOn !== null && texts.some((text) => text.includes(chokesOn))) {
        return yield* new EmbedderUnavailable({ operation: "embed", retryAfterMs: 20, cause: "too much" })
      }
      const index = refuses === null ? -1 : texts.findIndex((text) => text.includes(refuses))
      if (index !== -1) return yield* new EmbeddingRejected({ index, detail: "it is not wanted" })
      state.embedded += texts.length
      return yield* real.embedDocuments(texts)
    })
  })
})

const young_ = Layer.sync(
  Young,
  () => ({ isDown: false, hangs: null, hanging: 0, embedded: 0, refuses: null, chokesOn: null })
)

const embedders = (own: Layer.Layer<Embedder>) =>
  Layer.merge(
    own,
    Layer.effect(previousEmbedders, Effect.map(second, (one) => [one]))
  ).pipe(Layer.provideMerge(young_))

const onDouble = Layer.unwrap(
  Effect.map(TypesenseDouble.start(), ({ apiKey, url }) => Typesense.layer({ urls: [url], apiKey }))
).pipe(Layer.orDie)

const workerOptions = { name: "test", poll: Duration.millis(100), heartbeat: Duration.millis(100) }

/** What a worker is made of, each with a name of its own. */
const workerLayer = () => Worker.layer({ ...workerOptions, alone: true }).pipe(Layer.provide(DatabaseFeed.layer))

const layerOn = (
  stores: Layer.Layer<SqlClient.SqlClient | SearchIndex>,
  own: Layer.Layer<Embedder> = Layer.succeed(Embedder, made(old))
) =>
  Layer.unwrap(Effect.map(temporaryFolder("spaces"), (home) => {
    const root = Path.join(home, "blobs")
    const stored = Layer.unwrap(Effect.map(ofPorts(), Health.layer)).pipe(
      Layer.provideMerge(Repos.layer),
      Layer.provideMerge(Layer.mergeAll(InProcessSignals.layer, stores, FolderBlobs.layer({ root }), embedders(own)))
    )
    const jail = ParserJail.layer({
      processes: 1,
      wallTimeMs: 30_000,
      maxMemoryBytes: 1 << 30,
      maxOutputBytes: 1 << 28,
      inputFolders: [root]
    })
    return Server.layer({ version: "0", profile: "embedded" }).pipe(
      Layer.provideMerge(jail),
      Layer.provideMerge(stored)
    )
  })).pipe(Layer.orDie, Layer.provide(TestServer.onRealTime))

/** Datasets are made in the space of the bundled model. */
export const withBundled = layerOn(
  Layer.provideMerge(Pgvector.layer, Database.pgliteLayer),
  Bundled.layer({ threads: 1 })
)

export const engines = [
  {
    name: "PGlite with pgvector",
    layer: layerOn(Layer.provideMerge(Pgvector.layer, Database.pgliteLayer))
  },
  { name: "PostgreSQL with Typesense (double)", layer: layerOn(Layer.merge(onDouble, Database.postgresLayer)) }
]

/** Milliseconds that a test may take; a fraction of a second, or several, where nothing else keeps the machine busy. */
export const patience = 180_000

/** Asks again until it is so; bounded by the test's own time. */
export const eventually = <A, E, R>(ask: Effect.Effect<A, E, R>, until: (answer: A) => boolean) =>
  ask.pipe(Effect.repeat({ until, schedule: Schedule.spaced("30 millis") }), Effect.timeout(patience), really)

/** A worker at work for as long as the scope. What an earlier one holds is free at once. */
export const working = really(Effect.suspend(() => Layer.build(workerLayer())))

export interface Change {
  readonly id: string
  readonly state: string
  readonly paused: boolean
  readonly waitingFor: string | null
  readonly cause: { readonly _tag: string; readonly documentId?: string } | null
  readonly documents: { readonly total: number; readonly built: number; readonly verified: number }
  readonly segments: number
  readonly clearedAt: string | null
  readonly removed: { readonly indexEntries: number; readonly vectors: number } | null
}

/** A tenant with a dataset in the old space. */
export const setting = Effect.gen(function*() {
  const { keys, tenantId } = yield* TestServer.makeTenant
  const index = yield* SearchIndex
  const sql = yield* SqlClient.SqlClient
  const state = yield* Young
  Object.assign(state, { isDown: false, hangs: null, embedded: 0, refuses: null })
  const dataset = yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "harbours" })
  const datasetId: DatasetId = dataset.id

  const ingest = Effect.fnUntraced(function*(name: string, text: string) {
    const { documentId } = yield* TestServer.ok(keys.write, "DocumentsIngestText", {
      datasetId,
      name,
      text,
      mediaType: "text/markdown"
    })
    return documentId as DocumentId
  })
  const status = (documentId: DocumentId) =>
    Effect.map(TestServer.ok(keys.read, "DocumentsGet", { documentId }), (document): string => document.status)
  const available = (documentId: DocumentId) => eventually(status(documentId), (is) => is === "available")
  const publish = (name: string, text: string) => Effect.tap(ingest(name, text), available)
  const search = (request: object): Effect.Effect<SearchResult, never, Server> =>
    TestServer.ok(keys.read, "SearchQuery", { datasetIds: [datasetId], limit: 100, ...request })
  const change = (changeId: string): Effect.Effect<Change, never, Server> =>
    TestServer.ok(keys.read, "SpaceChangesGet", { changeId })
  const start: Effect.Effect<Change, never, Server> = TestServer.ok(keys.write, "DatasetsChangeSpace", {
    datasetId,
    spaceId: young.id
  })
  const steer = (
    verb: "Pause" | "Resume" | "Cancel" | "Retry",
    changeId: string
  ): Effect.Effect<Change, never, Server> => TestServer.ok(keys.write, `SpaceChanges${verb}`, { changeId })
  const reached = (changeId: string, state: string) => eventually(change(changeId), (is) => is.state === state)
  const jobs = sql`stage = 'RebuildSpace' and payload ->> 'datasetId' = ${datasetId}`
  /** What waits for a minute does so no longer. */
  const hurry = sql`update jobs set not_before = now() where ${jobs} and state = 'ready'`
  const owed = Effect.map(sql`select 1 from jobs where ${jobs}`, (rows) => rows.length)
  const cleared = Effect.fnUntraced(function*(changeId: string) {
    yield* hurry
    return yield* eventually(change(changeId), ({ clearedAt }) => clearedAt !== null)
  })
  const entries = (space: Space) =>
    Effect.orDie(index.count(space, tenantId as TenantId, { _tag: "Dataset", datasetId }))
  const entriesOf = (space: Space, documentId: DocumentId) =>
    Effect.orDie(index.count(space, tenantId as TenantId, { _tag: "Document", documentId }))
  const vectors = (space: Space) =>
    Effect.map(
      sql`select count(*)::int as n from vectors where tenant_id = ${tenantId} and space_id = ${space.id}`,
      ([row]) => Number(row?.["n"])
    )
  const segments = (documentId: DocumentId) =>
    Effect.map(
      TestServer.ok(keys.read, "SegmentsList", { documentId, limit: 100 }),
      ({ items }): ReadonlyArray<{ readonly id: string; readonly text: string }> => items
    )
  return {
    keys,
    tenantId,
    datasetId,
    sql,
    young: state,
    ingest,
    publish,
    available,
    status,
    search,
    change,
    start,
    steer,
    reached,
    cleared,
    hurry,
    owed,
    entries,
    entriesOf,
    vectors,
    segments
  }
})

/** A document of several segments, each with words of its own. */
export const text = (name: string, parts = 3) =>
  Array.from(
    { length: parts },
    (_, at) =>
      `# ${name} ${at}\n\n` + Array.from({ length: 265 }, (_, word) => `${name}${at}w${word}`).join(" ") +
      ` harbour ${name}`
  ).join("\n\n")
