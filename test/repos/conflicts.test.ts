import { assert, describe, it } from "@effect/vitest"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { isOutage } from "@sheaf/adapters/sql/isOutage"
import { Clock, Deferred, Effect, Fiber, Result } from "effect"
import { BeginTransaction, SqlClient } from "effect/sql/SqlClient"
import * as Database from "../support/database/Database.ts"
import { engines, makeDataset, makeTenant, some } from "./world.ts"

const real = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

const [, postgres] = Database.engines

/** Counters named a and b, and how often what was put off until after the commit has run. */
const setting = Effect.gen(function*() {
  const sql = yield* SqlClient
  yield* sql`create table if not exists counters (name text primary key, value int not null)`
  yield* sql`insert into counters values ('a', 0), ('b', 0) on conflict (name) do update set value = 0`
  const add = (name: string) => Effect.orDie(sql`update counters set value = value + 1 where name = ${name}`)
  const values = sql<{ readonly value: number }>`select value from counters order by name`.pipe(
    Effect.map((rows) => rows.map(({ value }) => value))
  )
  const heard: Array<string> = []
  const tell = (who: string) => sql.afterCommit(Effect.sync(() => void heard.push(who)))
  return { sql, add, values, heard, tell }
})

// The embedded database has one session: two transactions cannot meet there.
describe("transactions that get into each other's way on PostgreSQL", () => {
  it.layer(postgres.layer, { timeout: "60 seconds" })((it) => {
    it.effect("begin again after a deadlock, and tell of their commit once", () =>
      Effect.gen(function*() {
        const { add, heard, sql, tell, values } = yield* setting
        const first = { a: yield* Deferred.make<void>(), b: yield* Deferred.make<void>() }
        const attempts = { a: 0, b: 0 }
        const crossing = (mine: "a" | "b", other: "a" | "b") =>
          transact(sql)(Effect.gen(function*() {
            attempts[mine]++
            yield* Effect.orDie(sql`set local deadlock_timeout = '50ms'`)
            yield* tell(mine)
            yield* add(mine)
            yield* Deferred.succeed(first[mine], undefined)
            yield* Deferred.await(first[other])
            yield* add(other)
          }))
        yield* Effect.all([crossing("a", "b"), crossing("b", "a")], { concurrency: 2 })
        assert.deepStrictEqual(yield* values, [2, 2])
        assert.strictEqual(attempts.a + attempts.b, 3)
        assert.deepStrictEqual(heard.toSorted(), ["a", "b"])
      }).pipe(real))

    /** Reads, lets somebody else write and commit, and then writes what it has read: as many times as it is let down. */
    const overtaken = Effect.fnUntraced(function*(times: number) {
      const { add, heard, sql, tell, values } = yield* setting
      let attempts = 0
      const outcome = yield* transact(sql)(Effect.gen(function*() {
        yield* Effect.orDie(sql`select value from counters`)
        yield* tell("me")
        if (attempts++ < times) {
          // Not within this transaction, nor in one like it.
          yield* Effect.orDie(sql.reserve).pipe(
            Effect.flatMap((other) => Effect.orDie(other.executeRaw("update counters set value = value + 1", []))),
            Effect.scoped
          )
        }
        yield* add("a")
      })).pipe(
        Effect.provideService(BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ"),
        Effect.catchDefect(Effect.fail),
        Effect.result
      )
      return { outcome, attempts, heard, values: yield* values }
    })

    it.effect("begin again after a serialization failure, and tell of their commit once", () =>
      Effect.gen(function*() {
        const { attempts, heard, outcome, values } = yield* overtaken(2)
        assert.isTrue(Result.isSuccess(outcome))
        assert.strictEqual(attempts, 3)
        assert.deepStrictEqual(values, [3, 2])
        assert.deepStrictEqual(heard, ["me"])
      }).pipe(real))

    it.effect("are given up after some attempts, as an outage, and tell nothing", () =>
      Effect.gen(function*() {
        const { attempts, heard, outcome, values } = yield* overtaken(100)
        assert.isTrue(Result.isFailure(outcome) && isOutage(outcome.failure))
        assert.strictEqual(attempts, 6)
        assert.deepStrictEqual(values, [6, 6])
        assert.deepStrictEqual(heard, [])
      }).pipe(real))

    it.effect("do not begin again on their own within another: that one is lost as a whole", () =>
      Effect.gen(function*() {
        const { add, sql } = yield* setting
        let inner = 0
        let outer = 0
        yield* transact(sql)(Effect.gen(function*() {
          outer++
          yield* Effect.orDie(sql`select value from counters`)
          if (outer === 1) {
            yield* Effect.orDie(sql.reserve).pipe(
              Effect.flatMap((other) => Effect.orDie(other.executeRaw("update counters set value = value + 1", []))),
              Effect.scoped
            )
          }
          yield* transact(sql)(Effect.andThen(Effect.sync(() => inner++), add("a")))
        })).pipe(Effect.provideService(BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ"))
        assert.deepStrictEqual([outer, inner], [2, 2])
      }).pipe(real))
  })
})

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "60 seconds" })(`changes of a dataset at the same time, on ${name}`, (it) => {
    it.effect("keep each other's fields", () =>
      Effect.gen(function*() {
        const datasets = yield* DatasetsRepo
        const sql = yield* SqlClient
        const { caller } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        for (let round = 0; round < 20; round++) {
          const changes = [{ name: `n${round}` }, { description: `d${round}` }, {
            chunking: { method: "whole" as const }
          }, { permission: round % 2 === 0 ? "private" as const : "tenant" as const }]
          const outcomes = yield* Effect.forEach(
            changes,
            (change) => transact(sql)(datasets.update(caller, datasetId, change)),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(outcomes, ["updated", "updated", "updated", "updated"])
          const { chunking, description, name: now, permission } = some(yield* datasets.find(caller, datasetId))
          assert.deepStrictEqual({ name: now, description, chunking, permission }, Object.assign({}, ...changes))
        }
      }))

    it.effect("wait for each other, and the later one does not bring back what it never said", () =>
      Effect.gen(function*() {
        const datasets = yield* DatasetsRepo
        const sql = yield* SqlClient
        const { caller } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const written = yield* Deferred.make<void>()
        const slow = yield* Effect.forkChild(
          transact(sql)(
            datasets.update(caller, datasetId, { name: "renamed" }).pipe(
              Effect.andThen(Deferred.succeed(written, undefined)),
              Effect.andThen(Effect.sleep("50 millis"))
            )
          )
        )
        yield* Deferred.await(written)
        yield* transact(sql)(datasets.update(caller, datasetId, { description: "described" }))
        yield* Fiber.join(slow)
        const { description, name: now } = some(yield* datasets.find(caller, datasetId))
        assert.deepStrictEqual([now, description], ["renamed", "described"])
      }).pipe(real))

    it.effect("know a name that is taken, and a dataset that is not there or not to be seen", () =>
      Effect.gen(function*() {
        const datasets = yield* DatasetsRepo
        const { caller } = yield* makeTenant
        const { caller: stranger } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const { name: taken } = some(yield* datasets.find(caller, yield* makeDataset(caller)))
        assert.strictEqual(yield* datasets.update(caller, datasetId, { name: taken }), "nameTaken")
        assert.strictEqual(yield* datasets.update(stranger, datasetId, { name: "mine" }), "absent")
      }))
  })
}
