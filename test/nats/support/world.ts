import { BlobKey, BlobStore, BlobStoreError } from "@sheaf/adapters/blobs/BlobStore"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as GuardedFetch from "@sheaf/adapters/fetch/GuardedFetch"
import * as Repos from "@sheaf/adapters/repos/Repos"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import type { TenantId } from "@sheaf/domain/ids"
import { IngestEvents, type IngestOptions } from "@sheaf/worker/sources/ingest/IngestEvents"
import { Clock, Context, Effect, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Database from "../../support/database/Database.ts"
import { temporaryFolder } from "../../support/temporaryFolder.ts"

export const onRealTime = Layer.succeed(Clock.Clock, Clock.Clock.defaultValue())
export const live = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** A switch that makes the blob store fail. */
export class Faults extends Context.Service<Faults, { blobsDown: boolean; blobsBroken: boolean }>()(
  "sheaf/test/nats/support/world/Faults"
) {}

const blobs = Layer.effect(
  BlobStore,
  Effect.gen(function*() {
    const real = yield* BlobStore
    const faults = yield* Faults
    const error = () => new BlobStoreError({ operation: "put", isRetryable: faults.blobsDown, cause: "switched off" })
    return BlobStore.of({
      ...real,
      put: (...args) => faults.blobsDown || faults.blobsBroken ? Effect.fail(error()) : real.put(...args)
    })
  })
).pipe(
  Layer.provide(
    Layer.unwrap(Effect.map(temporaryFolder("blobs"), (root) => FolderBlobs.layer({ root }))).pipe(Layer.orDie)
  )
)

export const maxBytes = 100_000

/** Everything below the sources, over an empty folder and this database. */
export const over = <E>(database: Layer.Layer<SqlClient.SqlClient, E>) =>
  Layer.mergeAll(Repos.layer, blobs).pipe(
    Layer.provideMerge(Layer.sync(Faults, () => ({ blobsDown: false, blobsBroken: false }))),
    Layer.provideMerge(Layer.merge(InProcessSignals.layer, database)),
    Layer.provide(onRealTime)
  )

/** The decisions alone, without NATS, over a database. */
export const decisions = <E>(
  database: Layer.Layer<SqlClient.SqlClient, E>,
  options: Partial<IngestOptions> = {}
) =>
  IngestEvents.layer({ maxBytes, concurrency: 16, ...options }).pipe(
    Layer.provideMerge(GuardedFetch.layer({ allow: ["127.0.0.1"], idleTimeout: "2 seconds" })),
    Layer.provideMerge(over(database)),
    Layer.provide(onRealTime)
  )

/** The decisions on either engine. */
export const engines = Database.engines.map(({ layer, name }) => ({ name, layer: decisions(layer) }))

interface Counts {
  readonly documents: number
  readonly runs: number
  readonly jobs: number
  readonly events: number
  readonly audited: number
}

/** What is there of a tenant, counted where it is stored. */
export const census = Effect.fnUntraced(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  const store = yield* BlobStore
  const [row] = yield* sql<
    Counts
  >`select (select count(*)::int from documents where tenant_id = ${tenantId}) as documents,
    (select count(*)::int from runs where tenant_id = ${tenantId}) as runs,
    (select count(*)::int from jobs where tenant_id = ${tenantId}) as jobs,
    (select count(*)::int from events where tenant_id = ${tenantId} and body->>'_tag' = 'DocumentAccepted') as events,
    (select count(*)::int from audit_log where tenant_id = ${tenantId}) as audited`
  const keys = yield* Stream.runCollect(store.list(BlobKey.make(tenantId)))
  return { ...row!, blobs: keys.filter((key) => key.endsWith("/raw")).length }
})

/** A web server on the loopback interface. */
export const webServer = (handler: (path: string, response: Http.ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.callback<Http.Server>((resume) => {
      const server = Http.createServer((request, response) => handler(request.url ?? "/", response))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => (server.closeAllConnections(), server.close()))
    // The address of a server that listens on TCP.
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))
