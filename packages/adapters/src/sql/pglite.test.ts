import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Queue } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pgliteTemplate } from "../../../../test/support/database/Database.ts"
import * as Program from "../../../../test/support/processes/program.ts"
import { temporaryFolder } from "../../../../test/support/temporaryFolder.ts"
import * as Pglite from "./pglite.ts"
import { tidy } from "./pglite/housekeeping.ts"

/** Processes and databases are waited for in real time. */
const real = Effect.provide(Layer.succeed(Clock.Clock, Clock.Clock.defaultValue()))

/** A folder with a database in it, the state that a killed process must leave behind. */
const folder = Effect.gen(function*() {
  const home = yield* temporaryFolder("pglite")
  Fs.cpSync(yield* pgliteTemplate, Path.join(home, "database"), { recursive: true })
  return home
})

describe("Pglite.layer", () => {
  it.effect(
    "loses no acknowledged commit and keeps no half of one when its process is killed, again and again",
    () =>
      Effect.gen(function*() {
        const home = yield* folder
        const acknowledged: Array<string> = []
        for (const rows of [1, 20, 80, 30]) {
          const program = yield* Program.start("inserter.ts", [home])
          for (let row = 0; row < rows; row++) acknowledged.push(yield* Queue.take(program.lines))
          yield* program.kill("SIGKILL")
          acknowledged.push(...(yield* Queue.collect(program.lines)))
        }
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient
          const rows = yield* sql`select id, count(*)::int as halves from acknowledged group by id`
          assert.isEmpty(rows.filter((row) => row["halves"] !== 2))
          const kept = new Set(rows.map((row) => String(row["id"])))
          assert.isAtLeast(acknowledged.length, 131)
          assert.isEmpty(acknowledged.filter((id) => !kept.has(id)))
        }).pipe(Effect.provide(Pglite.layer({ home })))
      }).pipe(real),
    120_000
  )

  it.effect(
    "makes a new database whole, whenever a process that was making one was killed",
    () =>
      Effect.gen(function*() {
        const home = yield* temporaryFolder("pglite")
        const program = yield* Program.start("inserter.ts", [home])
        const draft = Effect.sync(() => Fs.existsSync(Path.join(home, "database.draft", "PG_VERSION")))
        yield* Effect.repeat(Effect.andThen(Effect.sleep("5 millis"), draft), { until: (begun) => begun })
        yield* program.kill("SIGKILL")
        assert.isFalse(Fs.existsSync(Path.join(home, "database")))
        const rows = yield* SqlClient.use((sql) => sql`select 1 as one`).pipe(Effect.provide(Pglite.layer({ home })))
        assert.deepStrictEqual(rows, [{ one: 1 }])
        assert.isFalse(Fs.existsSync(Path.join(home, "database.draft")))
      }).pipe(real),
    120_000
  )

  it.effect("refuses a folder that a running process uses", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const program = yield* Program.start("inserter.ts", [home])
      yield* Queue.take(program.lines)
      const error = yield* Effect.flip(Effect.provide(SqlClient, Pglite.layer({ home })))
      assert.strictEqual(error._tag, "FolderInUse")
      assert.include(error.message, `process ${program.pid}`)
    }).pipe(real))

  it.effect("closes in order, so that the next start has nothing to recover", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* SqlClient.use((sql) => sql`create table closing as select generate_series(1, 1000)`).pipe(
        Effect.provide(Pglite.layer({ home }))
      )
      // `state` of the control file: 1 is "shut down".
      const control = Fs.readFileSync(Path.join(home, "database", "global", "pg_control"))
      assert.strictEqual(control.readInt32LE(16), 1)
    }).pipe(real))

  it.effect("never holds up the thread that serves", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient
        let ticks = 0
        const tick = Effect.andThen(Effect.sleep("20 millis"), Effect.sync(() => ticks++))
        yield* Effect.race(sql`select pg_sleep(1)`, Effect.forever(tick))
        assert.isAbove(ticks, 10)
      }).pipe(Effect.provide(Pglite.layer({ home })))
    }).pipe(real))

  it.effect("removes dead rows and counts tables, which nobody else does here", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* sql`create table churning as select i as id, 0 as state from generate_series(1, 2000) i`
        yield* Effect.forEach([1, 2, 3], () => sql`update churning set state = state + 1`)
        const look = Effect.andThen(
          tidy(sql),
          sql`
            select reltuples::int as rows, n_dead_tup::int as dead, last_vacuum is not null as vacuumed
            from pg_class join pg_stat_user_tables on relid = pg_class.oid where pg_class.relname = 'churning'`
        )
        // PostgreSQL publishes its statistics once a second.
        const rows = yield* Effect.repeat(Effect.delay(look, "200 millis"), {
          until: (rows) => rows[0]!["vacuumed"] === true
        })
        assert.deepStrictEqual(rows, [{ rows: 2000, dead: 0, vacuumed: true }])
      }).pipe(Effect.provide(Pglite.layer({ home })))
    }).pipe(real))

  it.effect("has vectors", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* sql`create extension if not exists vector`
        const rows = yield* sql`select '[1,0]'::vector <=> '[0,1]'::vector as distance`
        assert.deepStrictEqual(rows, [{ distance: 1 }])
      }).pipe(Effect.provide(Pglite.layer({ home })))
    }).pipe(real))
})
