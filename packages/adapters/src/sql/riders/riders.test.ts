import { PgPool } from "@effect/sql-pg"
import { assert, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Layer, Redacted, Result } from "effect"
import * as Net from "node:net"
import * as PostgresServer from "../../../../../test/support/backends/PostgresServer.ts"
import * as Database from "../../../../../test/support/database/Database.ts"
import { BeginTransaction } from "effect/sql/SqlClient"
import { clientOf } from "../postgres/client.ts"
import * as Turnstile from "../postgres/Turnstile.ts"
import { lastly } from "../transactions.ts"

const real = Layer.succeed(Clock.Clock, Clock.Clock.defaultValue())

/** A client with one connection, which counts how often it says something to the server. */
const counted = Effect.gen(function*() {
  const server = yield* PostgresServer.start(yield* Database.postgresTemplate)
  const host = new URL(Redacted.value(server.url("postgres"))).searchParams.get("host")
  let sent = 0
  const stream = () => {
    const socket = Net.connect({ path: `${host}/.s.PGSQL.5432` })
    const write = socket.write.bind(socket)
    socket.write = (frame: Uint8Array) => {
      sent++
      return write(frame)
    }
    return socket
  }
  const pool = yield* PgPool.make({ url: server.url("postgres"), maxConnections: 1, stream })
  const sql = yield* clientOf(pool, Turnstile.make(1, Duration.infinity))
  yield* sql`create table riding (id int primary key, later int references riding deferrable initially deferred)`
  const ways = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      const before = sent
      return Effect.map(Effect.exit(effect), (exit) => ({ exit, ways: sent - before }))
    })
  const insert = (id: number, later: number | null = null) =>
    sql`insert into riding (id, later) values (${id}, ${later}::int)`
  const ids = Effect.map(sql`select id from riding order by id`, (rows) => rows.map((row) => row["id"]))
  return { sql, ways, insert, ids, last: lastly(sql) }
})

it.effect("transactions go to the server as often as their statements need", () =>
  Effect.gen(function*() {
    const { ids, insert, last, sql, ways } = yield* counted
    const often = <A, E>(effect: Effect.Effect<A, E>) => Effect.map(ways(effect), (found) => found.ways)

    assert.strictEqual(yield* often(sql.withTransaction(Effect.void)), 0)
    assert.strictEqual(yield* often(sql.withTransaction(insert(1))), 2)
    assert.strictEqual(yield* often(sql.withTransaction(last(insert(2)))), 1)
    assert.strictEqual(yield* often(sql.withTransaction(Effect.andThen(insert(3), last(insert(4))))), 2)
    // A savepoint is left with a statement of its own.
    assert.strictEqual(yield* often(sql.withTransaction(sql.withTransaction(insert(5)))), 3)
    assert.strictEqual(yield* often(sql.withTransaction(sql.withTransaction(Effect.void))), 0)
    // It cannot end the transaction that it is a part of.
    assert.strictEqual(yield* often(sql.withTransaction(sql.withTransaction(last(insert(6))))), 3)
    assert.strictEqual(yield* often(last(insert(7))), 1)
    assert.deepStrictEqual(yield* ids, [1, 2, 3, 4, 5, 6, 7])
  }).pipe(Effect.provide(real)))

it.effect("what fails with a last statement, or at the commit with it, is undone", () =>
  Effect.gen(function*() {
    const { ids, insert, last, sql, ways } = yield* counted
    const told: Array<string> = []
    const tell = (what: string) => sql.afterCommit(Effect.sync(() => told.push(what)))

    // Its own failure; the server's at the commit; the caller's before anything is said.
    assert.isTrue(Exit.isFailure((yield* ways(sql.withTransaction(Effect.andThen(insert(1), last(insert(1)))))).exit))
    assert.isTrue(
      Exit.isFailure((yield* ways(sql.withTransaction(Effect.andThen(tell("no"), last(insert(2, 99)))))).exit)
    )
    assert.strictEqual((yield* ways(sql.withTransaction(Effect.fail("no")))).ways, 0)
    // A failure that is caught leaves nothing to commit.
    const caught = Effect.andThen(Effect.exit(insert(3, 3).pipe(Effect.andThen(insert(3)))), last(insert(4)))
    assert.isTrue(Exit.isFailure((yield* ways(sql.withTransaction(caught))).exit))
    // A transaction that cannot begin does nothing, and its session goes on.
    const odd = sql.withTransaction(Effect.andThen(tell("no"), insert(5))).pipe(
      Effect.provideService(BeginTransaction, "BEGIN ISOLATION LEVEL NONE"),
      Effect.result
    )
    assert.isTrue(Result.isFailure(yield* odd))
    assert.deepStrictEqual(yield* ids, [])

    yield* sql.withTransaction(Effect.andThen(last(insert(6)), tell("yes")))
    // What the server has committed is not undone any more, and nothing is added to it.
    yield* Effect.exit(sql.withTransaction(Effect.andThen(tell("yes"), Effect.andThen(last(insert(7)), insert(8)))))
    assert.deepStrictEqual(yield* ids, [6, 7])
    assert.deepStrictEqual(told, ["yes", "yes"])
  }).pipe(Effect.provide(real)))
