import { NodeServices } from "@effect/platform-node"
import { Clock, Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { migrate } from "../../../packages/adapters/src/sql/migrate.ts"
import * as Pglite from "../../../packages/adapters/src/sql/pglite.ts"
import * as Postgres from "../../../packages/adapters/src/sql/postgres.ts"
import * as PostgresServer from "../backends/PostgresServer.ts"
import { keepCompiled } from "./compiled.ts"
import { template } from "./templates.ts"
import { temporaryFolder } from "../temporaryFolder.ts"

// Migrated, empty databases for tests, on both engines:
//
//   for (const { layer, name } of Database.engines) {
//     it.layer(layer, { timeout: "60 seconds" })(`DocumentsRepo on ${name}`, (it) => {
//       it.effect("…", () => Effect.gen(function*() { const sql = yield* SqlClient … }))
//     })
//   }
//
// Each use of a layer has a database of its own (a copy of a template, under a second), shared by the tests of that
// `it.layer`: let tests use ids of their own. The database runs on real time, tests on the TestClock.

type Database = Layer.Layer<SqlClient>

/** Waiting for a server is real, whatever clock the test uses. */
const onRealTime = Layer.succeed(Clock.Clock, Clock.Clock.defaultValue())

const inFolder = <E>(make: (folder: string) => Layer.Layer<SqlClient, E>): Database =>
  Layer.unwrap(Effect.map(temporaryFolder("database"), make)).pipe(Layer.orDie)

const migrated = Layer.effectDiscard(migrate()).pipe(Layer.provide(NodeServices.layer))

/** A data directory of PGlite with all migrations applied, to be copied. */
export const pgliteTemplate = template("pglite", (folder) =>
  Effect.scoped(Effect.gen(function*() {
    const home = yield* temporaryFolder("template")
    yield* Layer.build(Layer.provide(migrated, Pglite.layer({ home }))).pipe(Effect.scoped)
    Fs.cpSync(Path.join(home, "database"), folder, { recursive: true })
  })))

/** Puts an empty database into the data folder of a process that is to be started, which would take seconds to make one. */
export const putInto = (home: string) =>
  Effect.map(pgliteTemplate, (snapshot) => {
    Fs.mkdirSync(home, { recursive: true, mode: 0o700 })
    Fs.cpSync(snapshot, Path.join(home, "database"), { recursive: true })
  }).pipe(Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/** PGlite on files, as the embedded profile runs it. */
export const pgliteLayer: Database = Layer.unwrap(
  Effect.map(
    Effect.andThen(keepCompiled, pgliteTemplate),
    (snapshot) => inFolder((home) => Pglite.layer({ home, snapshot }))
  )
).pipe(Layer.orDie, Layer.provide(onRealTime), Layer.fresh)

/** A cluster of PostgreSQL with all migrations applied to its database `postgres`, to be started. */
export const postgresTemplate = Effect.flatMap(
  PostgresServer.version,
  (version) =>
    template(`postgres-${version}`, (folder) =>
      Effect.scoped(Effect.gen(function*() {
        const scratch = yield* temporaryFolder("template")
        yield* PostgresServer.initialise(scratch)
        const server = yield* PostgresServer.start(scratch)
        yield* Layer.build(Layer.provide(migrated, Postgres.layer({ url: server.url("postgres") }))).pipe(Effect.scoped)
        yield* server.stop
        Fs.cpSync(server.data, folder, { recursive: true })
      })))
)

/** A real PostgreSQL server, the one that Debian packages, started for the test. */
export const postgresLayer: Database = Layer.unwrap(
  Effect.gen(function*() {
    const server = yield* PostgresServer.start(yield* postgresTemplate)
    return Postgres.layer({ url: server.url("postgres") })
  })
).pipe(Layer.orDie, Layer.provide(onRealTime), Layer.fresh)

export const engines = [
  { name: "PGlite", layer: pgliteLayer },
  { name: "PostgreSQL", layer: postgresLayer }
] as const
