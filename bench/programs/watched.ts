import { NodeRuntime } from "@effect/platform-node"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import { Signals } from "@sheaf/adapters/signals/Signals"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DocumentId, RunId } from "@sheaf/domain/ids"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import { Server } from "@sheaf/server/Server"
import { Effect, Layer, Queue, Redacted, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { insertDocuments } from "../inputs/documents.ts"
import type { Said } from "./loopDelay.ts"

// `watched.ts URL FOLDER DOCUMENTS`: the API over a migrated PostgreSQL server that has no key yet, with documents that are at work. When it
// is told `progress`, each of them makes one step a second, a fiftieth of them at a time; when it is told `events`, there is an event
// a second instead. Both until it is told something else.
const [url = "", root = "", count = "0"] = process.argv.slice(2)

/** A second is cut into so many steps. */
const steps = 50

const ports = Layer.mergeAll(Repos.layer, Pgvector.layer).pipe(
  Layer.provideMerge(
    Layer.mergeAll(
      InProcessSignals.layer,
      Postgres.layer({ url: Redacted.make(url), role: "api" }),
      FolderBlobs.layer({ root }),
      Bundled.layer({ threads: 1 })
    )
  )
)

const stepped = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ documentId: DocumentId, runId: RunId })))

const main = Effect.gen(function*() {
  const events = yield* EventsRepo
  const server = yield* Server
  const signals = yield* Signals
  const sql = yield* SqlClient.SqlClient
  let key = ""
  yield* ensureFirstKey((made) =>
    Effect.sync(() => {
      key = Redacted.value(made)
    })
  )
  const { id: tenantId } = yield* Effect.flatMap((yield* TenantsRepo).findByName("default"), Effect.fromOption)
  const caller = new Caller({ tenantId, keyId: yield* newId(ApiKeyId), scopes: ["admin"], datasetIds: null })
  const datasetId = yield* insertDocuments(caller, Number(count))
  yield* sql`update runs set state = 'embedding', finished_at = null, cause = null where tenant_id = ${tenantId}`
  yield* sql`update documents set published_run_id = null where tenant_id = ${tenantId}`
  const all = yield* stepped(
    yield* sql`select id as document_id, latest_run_id as run_id from documents
    where tenant_id = ${tenantId} order by id`
  )

  let at = 0
  /** The next of them go on, in one statement; `since` tells when. */
  const progress = Effect.gen(function*() {
    const size = Math.ceil(all.length / steps)
    const some = all.slice(at, at + size)
    at = at + size >= all.length ? 0 : at + size
    yield* sql`update runs set revision = revision + 1, since = clock_timestamp()
      where tenant_id = ${tenantId} and id = any(${some.map(({ runId }) => runId)}::uuid[])`
    yield* Effect.forEach(some, (one) => signals.send({ _tag: "RunChanged", tenantId, ...one }), { discard: true })
  }).pipe(Effect.repeat(Schedule.fixed(1_000 / steps)))

  const event = Effect.gen(function*() {
    yield* sql.withTransaction(events.append(tenantId, { _tag: "DatasetCreated", datasetId, name: "bench" }))
    yield* events.number(100)
  }).pipe(Effect.repeat(Schedule.fixed("1 second")))

  const told = yield* Queue.unbounded<string>()
  process.on("message", (message) => Queue.offerUnsafe(told, String(message)))
  process.send?.(
    { ready: { url: server.url, key, documentIds: all.map(({ documentId }) => documentId) } } satisfies Said
  )
  let next = yield* Queue.take(told)
  for (;;) {
    const doing = next === "progress" ? progress : next === "events" ? event : Effect.never
    next = yield* Effect.raceFirst(Effect.andThen(doing, Effect.never), Queue.take(told))
  }
}).pipe(
  Effect.provide(
    Server.layer({ version: "0.0.0-bench", profile: "production" }).pipe(
      Layer.provideMerge(Layer.unwrap(Effect.map(ofPorts(), Health.layer))),
      Layer.provideMerge(ports)
    )
  )
)

process.on("disconnect", () => process.exit())
NodeRuntime.runMain(main)
