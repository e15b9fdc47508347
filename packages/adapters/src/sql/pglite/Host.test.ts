import { PgConnection } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Layer, Schedule } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Duplex } from "node:stream"
import { pgliteTemplate } from "../../../../../test/support/database/Database.ts"
import { temporaryFolder } from "../../../../../test/support/temporaryFolder.ts"
import * as Host from "./Host.ts"

/** The database opens, waits and recovers in real time. */
const real = Effect.provide(Layer.succeed(Clock.Clock, Clock.Clock.defaultValue()))

const open = Effect.fn(function*(tuning: Partial<Host.Tuning> = {}) {
  const folder = yield* temporaryFolder("host")
  const dataDir = Path.join(folder, "data")
  Fs.cpSync(yield* pgliteTemplate, dataDir, { recursive: true })
  const host = yield* Host.make(dataDir, { ...Host.tuning, ...tuning })
  const connect = (stream: () => Duplex = host.connect) =>
    PgConnection.make({ stream, username: "postgres", database: "postgres", ssl: false })
  /** A connection along with the socket under it. */
  const exposed = Effect.suspend(() => {
    const socket = host.connect()
    return Effect.map(connect(() => socket), (connection) => ({ connection, socket }))
  })
  const first = yield* connect()
  yield* first.query("create table kept (id int)")
  const ids = Effect.map(first.query("select id from kept order by id"), ({ rows }) => rows.map((row) => row["id"]))
  return { host, connect, exposed, first, ids }
})

const closed = (socket: Duplex) =>
  Effect.callback<void>((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
  })

describe("the embedded database", () => {
  it.effect("rolls back what a connection that breaks had begun, and serves the others", () =>
    Effect.gen(function*() {
      const { connect, exposed, ids } = yield* open()
      const { connection, socket } = yield* exposed
      const other = yield* connect()
      yield* connection.query("begin")
      yield* connection.query("insert into kept values (1)")
      const waiting = yield* Effect.forkChild(other.query("insert into kept values (2)"), { startImmediately: true })
      socket.destroy()
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* ids, [2])
    }).pipe(real))

  it.effect("rolls back a connection that idles in a transaction while others wait", () =>
    Effect.gen(function*() {
      const { connect, exposed, ids } = yield* open({ patience: 50 })
      const { connection, socket } = yield* exposed
      const other = yield* connect()
      yield* connection.query("begin")
      yield* connection.query("insert into kept values (1)")
      yield* other.query("insert into kept values (2)")
      yield* closed(socket)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(connection.query("commit"))))
      assert.deepStrictEqual(yield* ids, [2])
    }).pipe(real))

  it.effect("closes a connection that does not speak the protocol, at any point, and serves the others", () =>
    Effect.gen(function*() {
      const { exposed, host, ids } = yield* open()
      const stranger = host.connect()
      stranger.write("GET / HTTP/1.1\r\n\r\n")
      yield* closed(stranger)
      const { connection, socket } = yield* exposed
      yield* connection.query("begin")
      yield* connection.query("insert into kept values (1)")
      socket.write(Buffer.from([0x7a, 0, 0, 0, 4]))
      yield* closed(socket)
      assert.deepStrictEqual(yield* ids, [])
    }).pipe(real))

  it.effect("keeps the prepared statements of connections apart, and none of a connection that is gone", () =>
    Effect.gen(function*() {
      const { connect, exposed } = yield* open()
      const other = yield* connect()
      const { connection, socket } = yield* exposed
      const value = (connection: PgConnection.PgConnection, text: string) =>
        Effect.map(connection.query(text), ({ rows }) => rows[0]?.["value"])
      for (const round of [1, 2, 3]) {
        assert.strictEqual(yield* value(connection, "select 'one' as value"), "one", `round ${round}`)
        assert.strictEqual(yield* value(other, "select 'two' as value"), "two", `round ${round}`)
      }
      const count = value(
        other,
        "select count(*)::int as value from pg_prepared_statements where statement = 'select ''one'' as value'"
      )
      assert.strictEqual(yield* count, 1)
      socket.destroy()
      yield* Effect.repeat(count, { until: (prepared) => prepared === 0 })
    }).pipe(real))

  it.effect("takes messages in pieces of any size", () =>
    Effect.gen(function*() {
      const { host } = yield* open()
      const socket = host.connect()
      const answer: Array<Buffer> = []
      const answered = Effect.callback<void>((resume) => {
        socket.on("data", (bytes: Buffer) => {
          answer.push(bytes)
          if (Buffer.concat(answer).includes("split-up")) resume(Effect.void)
        })
      })
      const text = Buffer.from("select 'split-' || 'up'\0")
      const startup = Buffer.from("\0\0\0\x17\0\x03\0\0user\0postgres\0\0", "latin1")
      const query = Buffer.concat([Buffer.from([0x51, 0, 0, 0, text.length + 4]), text])
      for (const byte of Buffer.concat([startup, query])) socket.write(Buffer.from([byte]))
      yield* answered
      socket.destroy()
    }).pipe(real))

  it.effect("opens again after a crash, with every commit and without what was not committed", () =>
    Effect.gen(function*() {
      // A thread's stack this small ends before PostgreSQL's own guard does: a real crash.
      const { connect, exposed, first } = yield* open({ stackSizeMb: 4 })
      yield* first.query("insert into kept values (1)")
      const { connection, socket } = yield* exposed
      yield* connection.query("begin")
      yield* connection.query("insert into kept values (2)")
      const depth = 1_000_000
      const crashing = connection.query(`select '${"[".repeat(depth)}${"]".repeat(depth)}'::jsonb is null`)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(crashing)))
      yield* closed(socket)
      const again = yield* Effect.retry(connect(), { schedule: Schedule.spaced("20 millis"), times: 100 })
      const { rows } = yield* again.query("select id from kept")
      assert.deepStrictEqual(rows, [{ id: 1 }])
    }).pipe(real))

  it.effect("says why it does not open", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder("host")
      const dataDir = Path.join(folder, "data")
      Fs.mkdirSync(dataDir)
      Fs.writeFileSync(Path.join(dataDir, "PG_VERSION"), "9.6\n")
      const error = yield* Effect.flip(Host.make(dataDir))
      assert.strictEqual(error._tag, "DatabaseNotOpened")
      assert.include(error.message, dataDir)
      assert.include(error.reason, "postgresql.conf")
    }).pipe(real))
})
