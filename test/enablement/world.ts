import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Embedder, EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import { Enablement } from "@sheaf/adapters/lifecycle/Enablement"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { Intake } from "@sheaf/adapters/repos/documents/Intake"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import { type IndexEntry, type IndexScope, SearchIndex, SearchIndexError } from "@sheaf/adapters/search/SearchIndex"
import * as Typesense from "@sheaf/adapters/search/typesense"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import type { Document } from "@sheaf/domain/documents/Document"
import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import type { Segment } from "@sheaf/domain/segments/Segment"
import * as ParserJail from "@sheaf/worker/parsing/jails"
import * as Worker from "@sheaf/worker/Worker"
import { Clock, Context, Deferred, Duration, Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import * as Path from "node:path"
import { makeTenant, some } from "../repos/world.ts"
import * as Database from "../support/database/Database.ts"
import { ingest, makeDataset, until } from "../support/Pipeline.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import * as TypesenseDouble from "../support/typesense/TypesenseDouble.ts"

// The whole pipeline at work, on both kinds of index, with an index and an embedder that can be made to fail.

/** A call that has come so far and goes on when it is let. */
interface Gate {
  readonly reached: Effect.Effect<void>
  readonly open: Effect.Effect<void>
}

type Call = "upsert" | "remove"

/** Switches of the index and the embedder, and what they were asked for. */
class Switches extends Context.Service<Switches, {
  indexDown: boolean
  embedderDown: boolean
  /** Entries that the index will not have. */
  refuses: (entry: IndexEntry) => boolean
  refusesRemoval: boolean
  embedded: number
  readonly written: Array<SegmentId>
  readonly removed: Array<SegmentId>
  readonly scopes: Array<IndexScope>
  /** Holds the next call up, before the index hears of it or after it has done it. */
  readonly hold: (call: Call, when: "before" | "after") => Effect.Effect<Gate>
  /** The next call is never answered; `land` is when the index does it all the same. */
  readonly lose: (
    call: Call
  ) => Effect.Effect<{ readonly asked: Effect.Effect<void>; readonly land: Effect.Effect<void> }>
}>()("sheaf/test/enablement/world/Switches") {}

type Around = <A>(call: Effect.Effect<A, SearchIndexError>) => Effect.Effect<A, SearchIndexError>

const passing: Around = (call) => call

const switchable = (real: Layer.Layer<SearchIndex, never, SqlClient.SqlClient>) =>
  Layer.effectContext(Effect.gen(function*() {
    const index = yield* SearchIndex
    const next: { [C in Call]: Around } = { upsert: passing, remove: passing }
    const take = (call: Call): Around => {
      const around = next[call]
      next[call] = passing
      return around
    }
    const switches: Switches["Service"] = {
      indexDown: false,
      embedderDown: false,
      refuses: () => false,
      refusesRemoval: false,
      embedded: 0,
      written: [],
      removed: [],
      scopes: [],
      hold: Effect.fnUntraced(function*(call, when) {
        const reached = yield* Deferred.make<void>()
        const opened = yield* Deferred.make<void>()
        const wait = Effect.andThen(Deferred.succeed(reached, undefined), Deferred.await(opened))
        next[call] = (asked) => when === "before" ? Effect.andThen(wait, asked) : Effect.tap(asked, () => wait)
        return { reached: Deferred.await(reached), open: Effect.asVoid(Deferred.succeed(opened, undefined)) }
      }),
      lose: Effect.fnUntraced(function*(call) {
        const asked = yield* Deferred.make<Effect.Effect<unknown, SearchIndexError>>()
        next[call] = (lost) => Effect.andThen(Deferred.succeed(asked, lost), Effect.never)
        return {
          asked: Effect.asVoid(Deferred.await(asked)),
          land: Effect.asVoid(Effect.orDie(Effect.flatten(Deferred.await(asked))))
        }
      })
    }
    const fail = (operation: string, isRetryable: boolean) =>
      Effect.fail(new SearchIndexError({ operation, isRetryable, cause: new Error("switched off") }))
    const checked = <A>(operation: Call, refused: () => boolean, call: Effect.Effect<A, SearchIndexError>) =>
      Effect.suspend(() => {
        if (switches.indexDown) return fail(operation, true)
        return refused() ? fail(operation, false) : take(operation)(call)
      })
    return Context.make(Switches, switches).pipe(Context.add(
      SearchIndex,
      SearchIndex.of({
        ...index,
        upsert: (space, tenantId, entries) =>
          checked("upsert", () => entries.some(switches.refuses), index.upsert(space, tenantId, entries)).pipe(
            Effect.tap(() => Effect.sync(() => switches.written.push(...entries.map(({ segmentId }) => segmentId))))
          ),
        remove: (space, tenantId, scope) =>
          checked("remove", () => switches.refusesRemoval, index.remove(space, tenantId, scope)).pipe(
            Effect.tap(() =>
              Effect.sync(() => {
                switches.scopes.push(scope)
                if (scope._tag === "Segments") switches.removed.push(...scope.segmentIds)
              })
            )
          )
      })
    ))
  })).pipe(Layer.provide(real))

const embedder = Layer.effect(
  Embedder,
  Effect.gen(function*() {
    const real = yield* Embedder
    const switches = yield* Switches
    return Embedder.of({
      ...real,
      embedDocuments: (texts) => {
        if (switches.embedderDown) return Effect.fail(new EmbedderUnavailable({ operation: "embed", cause: "off" }))
        switches.embedded += texts.length
        return real.embedDocuments(texts)
      }
    })
  })
).pipe(Layer.provide(Bundled.layer({ threads: 1 })))

const onRealTime = Layer.succeed(Clock.Clock, Clock.Clock.defaultValue())

const layerOf = (
  database: Layer.Layer<SqlClient.SqlClient>,
  index: Layer.Layer<SearchIndex, never, SqlClient.SqlClient>
) =>
  Layer.unwrap(Effect.map(temporaryFolder("enablement"), (home) => {
    const root = Path.join(home, "blobs")
    const stored = Layer.merge(Repos.layer, embedder).pipe(
      Layer.provideMerge(switchable(index)),
      Layer.provideMerge(Layer.mergeAll(InProcessSignals.layer, database, FolderBlobs.layer({ root })))
    )
    const jail = ParserJail.layer({
      processes: 1,
      wallTimeMs: 30_000,
      maxMemoryBytes: 1 << 30,
      maxOutputBytes: 1 << 28,
      inputFolders: [root]
    })
    const worker = Worker.layer({
      name: "test",
      alone: false,
      poll: Duration.millis(50),
      heartbeat: Duration.millis(100),
      lease: Duration.seconds(2)
    })
    return worker.pipe(Layer.provide(Layer.mergeAll(jail, DatabaseFeed.layer)), Layer.provideMerge(stored))
  })).pipe(Layer.orDie, Layer.provide(onRealTime))

const onDouble = Layer.unwrap(
  Effect.map(TypesenseDouble.start(), ({ apiKey, url }) => Typesense.layer({ urls: [url], apiKey }))
).pipe(Layer.orDie)

/** An index in the database, where nothing comes late; and one on another server, where anything may. */
export const engines = [
  { name: "PGlite with pgvector", layer: layerOf(Database.pgliteLayer, Layer.orDie(Pgvector.layer)), remote: false },
  ...Database.engines.filter(({ name }) => name === "PostgreSQL").map(({ layer, name }) => ({
    name: `${name} with Typesense`,
    layer: layerOf(layer, onDouble),
    remote: true
  }))
]

export const really = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Clock.Clock, Clock.Clock.defaultValue())

/** Looks until a condition holds; real time, bounded by the test's. */
export const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, holds: (found: A) => boolean) =>
  really(Effect.repeat(look, { until: holds, schedule: Schedule.spaced("20 millis") }))

const handbook = (about: string) =>
  `# ${about}

## Mast

Step the mast of ${about} with two people. Fasten the shrouds before anybody lets go of it.

## Boom

Slide the gooseneck of ${about} onto its pin. The vang keeps the boom down while reaching.

## Rudder

Hang the rudder of ${about} on both pintles and check the clip by lifting it.

## Centreboard

Lower the centreboard of ${about} only when she floats.
`

const chunking = { method: "general", maxTokens: 48, softMaxTokens: 24, combineUnder: 0 } as const

let serial = 0

/** A tenant with one document of four segments that is published and in step, and ways to look at it. */
const setting = Effect.gen(function*() {
  const switches = yield* Switches
  const index = yield* SearchIndex
  const documents = yield* DocumentsRepo
  const segments = yield* SegmentsRepo
  const sql = yield* SqlClient.SqlClient
  const { space } = yield* Embedder
  const { caller, tenantId } = yield* makeTenant
  const datasetId = yield* makeDataset(caller, chunking)

  const all = (documentId: DocumentId): Effect.Effect<ReadonlyArray<Segment>> =>
    Effect.map(segments.list(caller, { documentId, limit: 100 }), (found) => some(found).items)
  const get = (documentId: DocumentId) => Effect.map(documents.find(caller, documentId), some)
  /** The texts that have an entry. */
  const indexed = Effect.fnUntraced(function*(documentId: DocumentId) {
    const listed = yield* all(documentId)
    const present = yield* Effect.orDie(index.present(space, tenantId, listed.map(({ id }) => id)))
    return listed.filter(({ id }) => present.has(id)).map(({ id }) => id)
  })
  /** Of all its segments, also those that nobody sees. */
  const entries = (documentId: DocumentId) =>
    Effect.orDie(index.count(space, tenantId, { _tag: "Document", documentId }))
  const readable = (of: ReadonlyArray<Segment>) =>
    Effect.map(
      segments.readable(caller, of.map(({ id }) => id)),
      (found) => new Set(found.map(({ segmentId }) => segmentId))
    )
  const owedJobs = sql<{ id: string; stage: string; attempts: number; waitingFor: string | null }>`
    select id, stage, attempts, waiting_for from jobs where tenant_id = ${tenantId}`.pipe(Effect.orDie)
  /** Nothing is owed any more. */
  const quiet = eventually(owedJobs, (jobs) => jobs.length === 0)
  const make = Effect.fnUntraced(function*(about = `boat ${++serial}`) {
    const { documentId } = yield* ingest(caller, datasetId, { name: `${about}.md`, bytes: handbook(about) })
    const document: Document = yield* until(caller, documentId)
    yield* quiet
    return { documentId, document, segments: yield* all(documentId) }
  })
  return { switches, caller, tenantId, datasetId, space, all, get, indexed, entries, readable, owedJobs, quiet, make }
})

export const ids = (segments: ReadonlyArray<Segment>) => segments.map(({ id }) => id)

/** What can be asked for, each in a transaction of its own. */
export const changes = Effect.gen(function*() {
  const enablement = yield* Enablement
  const intake = yield* Intake
  const transaction = transact(yield* SqlClient.SqlClient)
  const world = yield* setting
  const { caller, datasetId, space, tenantId } = world
  return {
    ...world,
    transaction,
    enable: (documentId: DocumentId) => transaction(enablement.enable(caller, { documentId })),
    disable: (documentId: DocumentId) => transaction(enablement.disable(caller, { documentId })),
    archive: (documentId: DocumentId) => transaction(enablement.archive(caller, { documentId })),
    unarchive: (documentId: DocumentId) => transaction(enablement.unarchive(caller, { documentId })),
    set: (documentId: DocumentId, segments: ReadonlyArray<Segment>, enabled: boolean) =>
      transaction(
        (enabled ? enablement.enableSegments : enablement.disableSegments)(caller, {
          documentId,
          segmentIds: ids(segments)
        })
      ),
    /** Builds the document again, as it was or as one segment. */
    build: (documentId: DocumentId, whole: boolean) =>
      transaction(intake.begin({
        tenantId,
        datasetId,
        documentId,
        config: { space, chunking: whole ? { method: "whole" } : chunking, lane: "interactive" },
        actor: caller.actor
      }))
  }
})
