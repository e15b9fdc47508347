import { assert, describe, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Clock, Context, Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Database from "../../../../test/support/database/Database.ts"
import * as PostgresServer from "../../../../test/support/backends/PostgresServer.ts"
import { temporaryFolder } from "../../../../test/support/temporaryFolder.ts"
import { folder, migrate, owed, requireMigrated, statements } from "./migrate.ts"
import * as Pglite from "./pglite.ts"
import * as Postgres from "./postgres.ts"

/** Servers are waited for in real time. */
const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

const names = Fs.readdirSync(folder).filter((name) => /^\d+_[^.]+\.ts$/.test(name)).map((name) => Path.parse(name).name)
  .sort()

/** A folder of the project's migrations and one more, whose body is given. */
const withAnother = Effect.fn(function*(body: string) {
  const directory = yield* temporaryFolder("migrations")
  Fs.symlinkSync(Path.join(folder, "..", "node_modules"), Path.join(directory, "node_modules"))
  for (const name of names) Fs.writeFileSync(Path.join(directory, `${name}.ts`), "export default undefined")
  Fs.writeFileSync(
    Path.join(directory, "9999_another.ts"),
    `import { Clock, Context, Duration, Effect, Layer } from "effect"\nimport { SqlClient } from "effect/sql/SqlClient"\n
     export default Effect.flatMap(SqlClient, (sql) => Effect.andThen(sql\`create table another (id int)\`, ${body}))\n`
  )
  return directory
})

for (const { layer, name } of Database.engines) {
  it.layer(layer, { timeout: "120 seconds" })(`migrations on ${name}`, (it) => {
    it.effect("are applied, all of them", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const rows = yield* sql`select lpad(migration_id::text, 4, '0') || '_' || name as name from schema_migrations`
        assert.isNotEmpty(names)
        assert.deepStrictEqual(rows.map((row) => String(row["name"])).sort(), names)
      }))

    it.effect("do nothing the second time, nor when several processes try at once", () =>
      Effect.gen(function*() {
        const applied = yield* Effect.all(Array.from({ length: 10 }, () => migrate()), { concurrency: "unbounded" })
        assert.deepStrictEqual(applied.flat(), [])
        assert.deepStrictEqual(yield* owed(), [])
        yield* requireMigrated()
      }).pipe(Effect.provide(NodeServices.layer)))

    it.effect("are undone as a whole when one fails, named while they are owed, and applied once when ten try at once", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const failed = yield* Effect.flip(migrate({ directory: yield* withAnother("sql`select 1 / 0`") }))
        assert.strictEqual(failed._tag, "MigrationError")
        assert.include(failed.message, "9999_another")
        assert.deepStrictEqual(yield* sql`select to_regclass('another') as found`, [{ found: null }])
        const directory = yield* withAnother("Effect.void")
        assert.deepStrictEqual(yield* owed({ directory }), ["9999_another"])
        const lacking = yield* Effect.flip(requireMigrated({ directory }))
        assert.include(lacking.message, "9999_another")
        const attempts = Array.from({ length: 10 }, () => migrate({ directory }))
        const applied = yield* Effect.all(attempts, { concurrency: "unbounded" })
        assert.deepStrictEqual(applied.flat(), ["9999_another"])
        assert.deepStrictEqual(yield* owed({ directory }), [])
        // The program of before, which does not know that migration.
        for (const attempt of [migrate(), owed(), requireMigrated()]) {
          const newer = yield* Effect.flip(Effect.asVoid(attempt))
          assert.strictEqual(newer._tag, "DatabaseNewer")
          assert.include(newer.message, "9999_another")
        }
        yield* sql`delete from schema_migrations where migration_id = 9999`
      }).pipe(Effect.provide(NodeServices.layer)))

    it.effect("begin again when the database gives them up for the sake of processes at work", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        // What a sequence has counted is not undone: a deadlock, then a lock that was not to be had, then nobody in the way.
        yield* sql`create sequence attempts`
        yield* sql`drop table if exists another`
        const directory = yield* withAnother(`sql\`do $do$ declare attempt int := nextval('attempts'); begin
          if attempt = 1 then raise exception 'in the way' using errcode = '40P01'; end if;
          if attempt = 2 then raise exception 'in the way' using errcode = '55P03'; end if;
        end $do$\``)
        assert.deepStrictEqual(yield* migrate({ directory }), ["9999_another"])
        assert.deepStrictEqual(yield* sql`select nextval('attempts')::int as count`, [{ count: 4 }])
        yield* sql`delete from schema_migrations where migration_id = 9999`
      }).pipe(Effect.provide(NodeServices.layer), real))

    it.effect("refuse a file that holds none", () =>
      Effect.gen(function*() {
        const refusal = Effect.fnUntraced(function*(name: string, text: string) {
          const directory = yield* withAnother("Effect.void")
          Fs.writeFileSync(Path.join(directory, name), text)
          return (yield* Effect.flip(migrate({ directory }))).message
        })
        assert.include(yield* refusal("9999_another.ts", "export default 1"), "9999_another exports no Effect")
        assert.include(yield* refusal("9999_another.ts", "throw new Error()"), "9999_another failed")
        assert.include(yield* refusal("9999_again.ts", "export default 1"), "share a number")
      }).pipe(Effect.provide(NodeServices.layer)))

    it.effect("may hold several statements in one text", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* statements(`
          create table first_table (id int);
          --> statement-breakpoint
          create function answer() returns int language plpgsql as $$ begin return 42; end $$;

          --> statement-breakpoint
          insert into first_table select answer();
          --> statement-breakpoint
        `)
        assert.deepStrictEqual(yield* sql`select id from first_table`, [{ id: 42 }])
      }))
  })
}

/** Ten that start at once, each with connections of its own where there are any. */
const atOnce = <A, E, R>(attempt: Effect.Effect<A, E, R>) =>
  Effect.all(Array.from({ length: 10 }, () => attempt), { concurrency: "unbounded" })

describe("an empty database", () => {
  it.effect(
    "of PostgreSQL is migrated by one of ten that start at once, however short their statements must be",
    () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer.start(yield* Database.postgresTemplate)
        const admin = yield* Layer.build(Postgres.layer({ url: server.url("postgres") }))
        yield* Context.get(admin, SqlClient)`create database fresh template template0`
        const directory = yield* withAnother("sql`select pg_sleep(0.5)`")
        for (const name of names) Fs.copyFileSync(Path.join(folder, `${name}.ts`), Path.join(directory, `${name}.ts`))
        const hurried = Postgres.layer({
          url: server.url("fresh"),
          limits: {
            maxConnections: 1,
            statementTimeout: Duration.millis(200),
            lockTimeout: Duration.millis(100),
            idleInTransactionTimeout: Duration.millis(200)
          }
        })
        const applied = yield* atOnce(Effect.provide(migrate({ directory }), Layer.fresh(hurried), { local: true }))
        assert.deepStrictEqual(applied.flat(), [...names, "9999_another"])
      }).pipe(Effect.provide(NodeServices.layer), real),
    60_000
  )

  it.effect("of PGlite is migrated by one of ten that start at once", () =>
    Effect.gen(function*() {
      const home = yield* temporaryFolder("fresh")
      const applied = yield* atOnce(migrate()).pipe(Effect.provide(Pglite.layer({ home })))
      assert.deepStrictEqual(applied.flat(), names)
    }).pipe(Effect.provide(NodeServices.layer), real), 60_000)
})
