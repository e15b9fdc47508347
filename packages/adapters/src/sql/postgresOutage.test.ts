import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import * as Fs from "node:fs"
import * as NodePath from "node:path"
import * as Database from "../../../../test/support/database/Database.ts"
import * as PostgresServer from "../../../../test/support/backends/PostgresServer.ts"
import { transact } from "../repos/rows.ts"
import { isOutage } from "./isOutage.ts"
import type { Limits } from "./postgres/limits.ts"
import * as Postgres from "./postgres.ts"

/** Servers are waited for in real time. */
const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

const start = Effect.flatMap(Database.postgresTemplate, PostgresServer.start)

type Server = Effect.Success<typeof start>

/** The server's URL with settings for its sessions. */
const urlWith = (server: Server, options: string) =>
  Redacted.make(`${Redacted.value(server.url("postgres"))}&options=${encodeURIComponent(options)}`)

const connect = (server: Server, limits: Partial<Limits> = {}, more: Partial<Postgres.Options> = {}) =>
  Effect.map(
    Layer.build(Postgres.layer({ url: server.url("postgres"), limits, ...more })),
    Context.get(SqlClient)
  )

/** What a statement or transaction died or failed of, and how long that took. */
const outcome = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const begin = yield* Clock.currentTimeMillis
  const cause = yield* effect.pipe(Effect.sandbox, Effect.flip)
  const spent = (yield* Clock.currentTimeMillis) - begin
  const reasons = cause.reasons.map((reason) =>
    reason._tag === "Fail" ? reason.error : reason._tag === "Die" ? reason.defect : reason._tag
  )
  return { spent, reasons, outage: reasons.length > 0 && reasons.every(isOutage) }
})

describe("PostgreSQL that fails", () => {
  it.effect(
    "loses nothing acknowledged and invents nothing, however it goes down and comes back under load",
    () =>
      Effect.gen(function*() {
        const server = yield* start
        // The servers of tests acknowledge before they write.
        const url = urlWith(server, "-c synchronous_commit=on")
        const sql = yield* connect(server, { maxConnections: 4 }, { url })
        yield* sql`create table written (id int primary key, half int)`
        const acknowledged: Array<number> = []
        const strange: Array<unknown> = []
        let next = 0
        const write = Effect.suspend(() => {
          const id = next++
          return transact(sql)(
            Effect.andThen(
              Effect.orDie(sql`insert into written values (${id}, 1)`),
              Effect.orDie(sql`update written set half = 2 where id = ${id}`)
            )
          ).pipe(
            Effect.andThen(Effect.sync(() => acknowledged.push(id))),
            Effect.catchDefect((defect) => {
              if (!isOutage(defect)) strange.push(defect)
              return Effect.sleep("5 millis")
            })
          )
        })
        const load = yield* Effect.forkScoped(
          Effect.forEach(Array.from({ length: 8 }), () => Effect.forever(write), { concurrency: "unbounded" })
        )
        const more = (rows: number) => {
          const goal = acknowledged.length + rows
          return Effect.void.pipe(
            Effect.repeat({ schedule: Schedule.spaced("10 millis"), until: () => acknowledged.length >= goal })
          )
        }
        for (const down of [server.stop, server.crash, server.stop, server.crash]) {
          yield* more(50)
          yield* down
          yield* Effect.sleep("100 millis")
          yield* server.restart
        }
        yield* more(50)
        yield* server.freeze
        yield* Effect.sleep("300 millis")
        yield* server.thaw
        yield* more(50)
        yield* Fiber.interrupt(load)
        assert.deepStrictEqual(strange, [])
        const rows = yield* sql<{ readonly id: number; readonly half: number }>`select id, half from written`
        const kept = new Set(rows.map(({ id }) => id))
        assert.isEmpty(acknowledged.filter((id) => !kept.has(id)))
        assert.isEmpty(rows.filter(({ half }) => half !== 2))
      }).pipe(real),
    60_000
  )

  it.effect(
    "stops statements, waits for locks and idle transactions that take too long, and goes on",
    () =>
      Effect.gen(function*() {
        const server = yield* start
        const sql = yield* connect(server, {
          maxConnections: 4,
          statementTimeout: Duration.millis(400),
          lockTimeout: Duration.millis(150),
          idleInTransactionTimeout: Duration.millis(200)
        })
        yield* sql`create table locked (id int)`
        yield* sql`insert into locked values (1)`
        const slow = yield* outcome(sql`select pg_sleep(5)`)
        assert.isTrue(slow.outage)
        assert.isBelow(slow.spent, 3_000)

        const holding = yield* Deferred.make<void>()
        const idle = yield* Effect.forkChild(
          outcome(sql.withTransaction(Effect.gen(function*() {
            yield* sql`select id from locked for update`
            yield* Deferred.succeed(holding, undefined)
            yield* Effect.sleep("1 second")
            yield* sql`select 1`
          })))
        )
        yield* Deferred.await(holding)
        const waiting = yield* outcome(sql`select id from locked for update`)
        assert.isTrue(waiting.outage)
        // Whoever holds it and does nothing holds it no longer than it may.
        yield* sql`select id from locked for update`.pipe(Effect.eventually)
        assert.isTrue((yield* Fiber.join(idle)).outage)
      }).pipe(real),
    30_000
  )

  it.effect(
    "answers whoever finds no free connection in time, and nobody waits for ever",
    () =>
      Effect.gen(function*() {
        const server = yield* start
        const sql = yield* connect(server, { maxConnections: 2, acquireTimeout: Duration.millis(100) })
        const inside = yield* Deferred.make<void>()
        const hold = sql.withTransaction(Effect.andThen(Deferred.succeed(inside, undefined), sql`select pg_sleep(1)`))
        const holders = yield* Effect.forkChild(Effect.all([hold, hold], { concurrency: 2 }))
        yield* Deferred.await(inside)
        yield* Effect.sleep("50 millis")
        for (const attempt of [sql`select 1`, sql.withTransaction(sql`select 1`)]) {
          const { outage, spent } = yield* outcome(attempt)
          assert.isTrue(outage)
          assert.isBelow(spent, 900)
        }
        // Giving up while waiting must not give back a place that one never had.
        yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.timeoutOption(sql`select 1`, "5 millis"), {
          concurrency: "unbounded"
        })
        yield* Fiber.join(holders)
        const rows = yield* Effect.forEach(Array.from({ length: 10 }), (_, i) => sql`select ${i}::int as i`, {
          concurrency: 2
        })
        assert.deepStrictEqual(rows.flat(), Array.from({ length: 10 }, (_, i) => ({ i })))
      }).pipe(real),
    30_000
  )

  it.effect("is an outage when it has no connection left for us", () =>
    Effect.gen(function*() {
      const server = yield* start
      const sql = yield* connect(server, { maxConnections: 80 })
      const exits = yield* Effect.forEach(
        Array.from({ length: 80 }),
        () => Effect.exit(Effect.orDie(sql`select pg_sleep(0.3)`)),
        { concurrency: "unbounded" }
      )
      const failures = exits.filter(Exit.isFailure)
      assert.isNotEmpty(failures)
      for (const { cause } of failures) {
        assert.isTrue(cause.reasons.every((reason) => reason._tag === "Die" && isOutage(reason.defect)))
      }
      assert.deepStrictEqual(yield* sql`select 1 as one`, [{ one: 1 }])
    }).pipe(real), 30_000)

  it.effect("that is frozen keeps nobody for ever, not even in the middle of a commit", () =>
    Effect.gen(function*() {
      const server = yield* start
      const sql = yield* connect(server, { maxConnections: 3, statementTimeout: Duration.millis(100) })
      yield* sql`create table frozen (id int)`
      const committing = sql.withTransaction(Effect.andThen(sql`insert into frozen values (1)`, server.freeze))
      const { outage, spent } = yield* outcome(committing)
      assert.isTrue(outage)
      assert.isBelow(spent, 8_000)
      const statement = yield* outcome(sql`select 1`)
      assert.isTrue(statement.outage)
      assert.isBelow(statement.spent, 12_000)
      yield* server.thaw
      assert.deepStrictEqual(yield* Effect.eventually(sql`select 1 as one`), [{ one: 1 }])
    }).pipe(real), 60_000)

  it.effect("is refused while it is a standby, which only reads", () =>
    Effect.gen(function*() {
      const server = yield* start
      yield* server.stop
      Fs.writeFileSync(NodePath.join(server.data, "standby.signal"), "")
      yield* server.restart
      const error = yield* Effect.flip(connect(server))
      assert.include(error.message, "standby")
    }).pipe(real), 30_000)
})

describe("Limits", () => {
  const settings = (sql: SqlClient) =>
    sql`select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle, current_setting('application_name') as name`

  it.effect("are those of the role, and the URL's own where it has any", () =>
    Effect.gen(function*() {
      const server = yield* start
      const api = { statement: "15s", lock: "10s", idle: "15s", name: "sheaf api" }
      assert.deepStrictEqual(yield* settings(yield* connect(server, {}, { role: "api" })), [api])
      const tool = { statement: "0", lock: "0", idle: "0", name: "sheaf tool" }
      assert.deepStrictEqual(
        yield* settings(yield* connect(server, { statementTimeout: Duration.seconds(1) }, { role: "tool" })),
        [tool]
      )
      const url = urlWith(server, "-c statement_timeout=7s")
      const own = yield* settings(yield* connect(server, {}, { role: "api", url }))
      assert.deepStrictEqual(own, [{ ...api, statement: "7s" }])
    }).pipe(real), 30_000)

  it.effect(
    "are set in each transaction where a pooler stands between, which refuses them at the start",
    () =>
      Effect.gen(function*() {
        const server = yield* start
        const sql = yield* connect(server, {}, { role: "api", pooler: true })
        const none = { statement: "0", lock: "0", idle: "0", name: "sheaf api" }
        const some = { statement: "15s", lock: "10s", idle: "15s", name: "sheaf api" }
        assert.deepStrictEqual(yield* settings(sql), [none])
        assert.deepStrictEqual(yield* sql.withTransaction(sql.withTransaction(settings(sql))), [some])
        assert.deepStrictEqual(yield* settings(sql), [none])
      }).pipe(real),
    30_000
  )
})
