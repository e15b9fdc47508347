import { assert, describe, it } from "@effect/vitest"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import * as Repos from "@sheaf/adapters/repos/Repos"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { Clock, Duration, Effect, Layer } from "effect"
import { space } from "./repos/world.ts"
import * as Database from "./support/database/Database.ts"
import * as PostgresServer from "./support/backends/PostgresServer.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"
import * as TestServer from "./support/TestServer.ts"

const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** As an api has them, but for a statement that may take 300 ms. */
const adaptersOn = (server: Effect.Success<ReturnType<typeof PostgresServer.start>>, root: string) => {
  const limits = { statementTimeout: Duration.millis(300), maxConnections: 4, acquireTimeout: Duration.seconds(2) }
  const sql = Layer.orDie(Postgres.layer({ url: server.url("postgres"), role: "api", limits }))
  const ports = Layer.mergeAll(Repos.layer, Pgvector.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(InProcessSignals.layer, sql)),
    Layer.provideMerge(
      Layer.merge(Layer.orDie(FolderBlobs.layer({ root })), Layer.mock(Embedder, { space, parallel: 1 }))
    )
  )
  return Layer.unwrap(Effect.map(ofPorts(), Health.layer)).pipe(Layer.provideMerge(ports))
}

describe("the api on a PostgreSQL that is frozen", () => {
  it.effect(
    "answers every call in time that the database is not available, and goes on when it is back",
    () =>
      Effect.gen(function*() {
        const server = yield* Effect.flatMap(Database.postgresTemplate, PostgresServer.start)
        const adapters = adaptersOn(server, yield* temporaryFolder("blobs"))
        const services = yield* Layer.build(TestServer.layer({}, adapters))
        yield* Effect.gen(function*() {
          const { keys } = yield* TestServer.makeTenant
          yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "before" })
          yield* server.freeze
          const begin = yield* Clock.currentTimeMillis
          // More than there are connections, of every kind: reads, and changes that are lost in the middle of a transaction.
          const calls = Array.from({ length: 12 }, (_, at) =>
            at % 2 === 0
              ? TestServer.refusal(keys.read, "DatasetsList", {})
              : TestServer.refusal(keys.write, "DatasetsCreate", { name: `during-${at}`, idempotencyKey: `${at}` }))
          const answers = yield* Effect.all(calls, { concurrency: "unbounded" })
          const spent = (yield* Clock.currentTimeMillis) - begin
          for (const answer of answers) assert.deepStrictEqual(answer, { status: 503, tag: "Unavailable" })
          assert.isBelow(spent, 30_000)
          const { status } = yield* TestServer.request("/health/live")
          assert.strictEqual(status, 200)
          yield* server.thaw
          yield* TestServer.rpc(keys.read, "DatasetsList", {}).pipe(
            Effect.repeat({ until: (answer) => answer.status === 200 })
          )
          yield* TestServer.ok(keys.write, "DatasetsCreate", { name: "during-1", idempotencyKey: "1" })
        }).pipe(Effect.provide(Layer.succeedContext(services)))
      }).pipe(Effect.scoped, real),
    90_000
  )
})
