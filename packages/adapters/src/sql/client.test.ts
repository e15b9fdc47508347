import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Result, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { TestClock } from "effect/testing"
import * as Database from "../../../../test/support/database/Database.ts"

/** Two rows of one transaction, so that a reader who ever sees an odd number has seen half of one. */
const makePairs = Effect.gen(function*() {
  const sql = yield* SqlClient
  yield* sql`create table if not exists pairs (id serial primary key, owner text not null)`
  yield* sql`truncate pairs`
})

// What the code above the client relies on, asked of both engines: whatever holds here holds in both profiles.
for (const { layer, name } of Database.engines) {
  it.layer(layer, { timeout: "120 seconds" })(`the SQL client on ${name}`, (it) => {
    it.effect("hands over values as the types the repositories expect", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const json = { snake_case: { camelCase: [1, null, "ä"] } }
        const rows = yield* sql`
          select 9007199254740993::int8 as big_number, 7::int4 as number, true as truth, null::text as nothing,
            ${["a", "b\"{,}"]}::text[] as some_texts, ${[1, 2]}::int[] as some_numbers, ${
          JSON.stringify(json)
        }::jsonb as json_value,
            ${new Uint8Array([
          0,
          255,
          10
        ])}::bytea as bytes, '2026-02-03T04:05:06.789Z'::timestamptz as at, 1.5::float8 as float,
            'ab' || ${"\u{1F4C4}"}::text as text`
        assert.deepStrictEqual(rows, [{
          bigNumber: 9007199254740993n,
          number: 7,
          truth: true,
          nothing: null,
          someTexts: ["a", "b\"{,}"],
          someNumbers: [1, 2],
          jsonValue: json,
          bytes: new Uint8Array([0, 255, 10]),
          at: new Date("2026-02-03T04:05:06.789Z"),
          float: 1.5,
          text: "ab\u{1F4C4}"
        }])
      }))

    it.effect("names columns in snake case and fields in camel case", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* sql`create table name_test (some_id int primary key, long_name text, some_json jsonb)`
        yield* sql`insert into name_test ${
          sql.insert([{ someId: 1, longName: "x", someJson: "{\"keyOne\": 1, \"key_two\": 2}" }])
        }`
        const rows = yield* sql`select * from name_test where ${sql("someId")} = 1`
        assert.deepStrictEqual(rows, [{ someId: 1, longName: "x", someJson: { keyOne: 1, key_two: 2 } }])
      }))

    it.effect("tells the kinds of failure apart, and goes on after each", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* sql`create table failing (id int primary key, parent int references failing)`
        yield* sql`insert into failing (id) values (1)`
        const kind = (text: string) =>
          Effect.map(Effect.result(sql.unsafe(text)), (result) =>
            Result.isFailure(result) ? result.failure.reason._tag : "none")
        assert.deepStrictEqual(
          [
            yield* kind("insert into failing (id) values (1)"),
            yield* kind("insert into failing (id, parent) values (2, 99)"),
            yield* kind("selekt 1"),
            yield* kind("select 1 / 0"),
            yield* kind("select 1")
          ],
          ["UniqueViolation", "ConstraintError", "SqlSyntaxError", "UnknownError", "none"]
        )
      }))

    it.effect("rolls back the inner transaction alone, and the outer one with all it holds", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* sql`create table nested (id int primary key)`
        const insert = (id: number) => sql`insert into nested (id) values (${id})`
        yield* sql.withTransaction(Effect.gen(function*() {
          yield* insert(1)
          yield* Effect.exit(sql.withTransaction(Effect.andThen(insert(2), Effect.fail("inner"))))
          yield* Effect.exit(sql.withTransaction(insert(1)))
          yield* sql.withTransaction(insert(3))
        }))
        yield* Effect.exit(sql.withTransaction(Effect.andThen(sql.withTransaction(insert(4)), Effect.fail("outer"))))
        assert.deepStrictEqual(yield* sql`select id from nested order by id`, [{ id: 1 }, { id: 3 }])
      }))

    it.effect("does after a commit what was asked for within, but for what was undone", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* sql`create table told (id int primary key)`
        const told: Array<string> = []
        const tell = (what: string) => sql.afterCommit(Effect.sync(() => told.push(what)))
        const insert = (id: number) => sql`insert into told (id) values (${id})`
        yield* sql.withTransaction(Effect.gen(function*() {
          yield* insert(1)
          yield* sql.afterCommit(
            Effect.flatMap(Effect.orDie(sql`select id from told`), (rows) =>
              Effect.sync(() => told.push(`${rows.length}`)))
          )
          yield* sql.withTransaction(tell("inner"))
          yield* Effect.exit(sql.withTransaction(Effect.andThen(tell("undone"), Effect.fail("inner"))))
          assert.deepStrictEqual(told, [])
        }))
        assert.deepStrictEqual(told, ["1", "inner"])
        yield* Effect.exit(sql.withTransaction(Effect.andThen(tell("undone"), Effect.fail("outer"))))
        yield* Effect.exit(sql.withTransaction(Effect.andThen(tell("undone"), insert(1))))
        yield* tell("at once")
        assert.deepStrictEqual(told, ["1", "inner", "at once"])
      }))

    it.effect("takes the connection from whoever goes on after the end of the transaction", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const ended = yield* Deferred.make<void>()
        const late = yield* sql.withTransaction(
          Effect.forkDetach(Effect.exit(Effect.andThen(Deferred.await(ended), sql`select 1`)))
        )
        yield* Deferred.succeed(ended, undefined)
        assert.isTrue(Exit.isFailure(yield* Fiber.join(late)))
      }))

    it.effect("keeps concurrent transactions apart", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* makePairs
        const insert = (owner: string) => sql`insert into pairs (owner) values (${owner})`
        const pair = (index: number) =>
          sql.withTransaction(Effect.gen(function*() {
            yield* insert(`${index}`)
            yield* Effect.yieldNow
            yield* insert(`${index}`)
            if (index % 5 === 0) return yield* Effect.fail("rolled back")
          })).pipe(Effect.exit)
        const read = sql`select count(*)::int as n from pairs`.pipe(Effect.map((rows) => Number(rows[0]!["n"])))
        const seen = yield* Effect.all([
          Effect.forEach(Array.from({ length: 50 }, (_, index) => index), pair, { concurrency: 12, discard: true }),
          Effect.forEach(Array.from({ length: 60 }), () => read, { concurrency: 3 })
        ], { concurrency: "unbounded" })
        assert.deepStrictEqual(seen[1].filter((n) => n % 2 !== 0), [])
        assert.strictEqual(yield* read, 80)
      }))

    it.effect("rolls back a transaction that is interrupted, also while a statement runs", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        yield* makePairs
        const inside = yield* Deferred.make<void>()
        const fiber = yield* sql.withTransaction(
          sql`insert into pairs (owner) values ('interrupted')`.pipe(
            Effect.andThen(Deferred.succeed(inside, undefined)),
            Effect.andThen(sql`select pg_sleep(0.3)`)
          )
        ).pipe(Effect.forkChild)
        yield* Deferred.await(inside)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* sql`select * from pairs`, [])
      }))

    it.effect("goes on after statements that were interrupted", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const slow = Effect.timeoutOption(sql`select pg_sleep(0.15)`, "40 millis")
        yield* Effect.all(Array.from({ length: 6 }, () => slow), { concurrency: "unbounded" })
        const rows = yield* Effect.all(Array.from({ length: 10 }, (_, i) => sql`select ${i}::int as i`), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(rows.flat(), Array.from({ length: 10 }, (_, i) => ({ i })))
      }).pipe(TestClock.withLive))

    it.effect("carries 8 MB in one value, both ways", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const bytes = new Uint8Array(8_000_000).map((_, index) => (index * 31) % 251)
        yield* sql`create table large (id int primary key, bytes bytea)`
        yield* sql`insert into large (id, bytes) values (1, ${bytes})`
        const rows = yield* sql`select bytes, md5(bytes) as md5, md5(${bytes}::bytea) as sent from large`
        assert.strictEqual(rows[0]!["md5"], rows[0]!["sent"])
        // Byte arrays of this size are too slow for a deep comparison.
        assert.isTrue(Buffer.from(bytes).equals(Buffer.from(rows[0]!["bytes"] as Uint8Array)))
      }))

    it.effect("streams rows while others use the database, and lets go of a stream that is abandoned", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const all = sql<{ readonly i: number }>`select i from generate_series(1, 30000) as i`.stream
        const [sum, few, others] = yield* Effect.all([
          Stream.runFold(all, () => 0, (sum, { i }) => sum + i),
          Stream.runCollect(Stream.take(all, 3)),
          Effect.forEach([1, 2, 3, 4, 5], (i) => sql.withTransaction(sql`select ${i}::int as i`))
        ], { concurrency: "unbounded" })
        assert.strictEqual(sum, 450_015_000)
        assert.deepStrictEqual(few, [{ i: 1 }, { i: 2 }, { i: 3 }])
        assert.deepStrictEqual(others.flat(), [1, 2, 3, 4, 5].map((i) => ({ i })))
      }))

    it.effect("answers hostile nesting with an error", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient
        const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
        assert.isTrue(Exit.isFailure(yield* Effect.exit(sql`select ${nested(1_000_000)}::text::jsonb is null as x`)))
        assert.deepStrictEqual(yield* sql`select ${nested(1_000)}::text::jsonb is null as x`, [{ x: false }])
      }))
  })
}
