import { assert, it } from "@effect/vitest"
import { type Feed, type FeedOptions, JobFeed } from "@sheaf/adapters/feed/JobFeed"
import { JobsRepo, type LeaseLost } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import type { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import type { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import type { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { JobId } from "@sheaf/domain/ids"
import type { ClaimedJob, Lane } from "@sheaf/domain/jobs/Job"
import { type Cause, Clock, Context, Duration, Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { makeDataset, makeDocument, makeTenant } from "../repos/world.ts"

/** What a process has that works on jobs: everything of its own but the database. */
export type Process = JobFeed | JobsRepo | DatasetsRepo | DocumentsRepo | TenantsRepo

export const stage = "PurgeRun"

/** Waiting for servers is real, whatever clock the test uses. */
export const live = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** Starts a process of its own, that ends with the scope. */
export const start = <A, E, R>(process: Layer.Layer<A, E, R>) => Layer.build(Layer.fresh(process))

export const open = (process: Context.Context<JobFeed>, options: Partial<FeedOptions> = {}) =>
  Context.get(process, JobFeed).open({
    stage,
    holder: `worker ${Math.random()}`,
    lease: Duration.seconds(20),
    concurrency: 4,
    poll: Duration.millis(500),
    ...options
  })

export const owe = Effect.fnUntraced(
  function*(caller: Caller, count: number, options: { readonly lane?: Lane; readonly delay?: Duration.Duration } = {}) {
    const jobs = yield* JobsRepo
    const owner = yield* makeDocument(caller, yield* makeDataset(caller))
    const ids = yield* Effect.replicateEffect(newId(JobId), count)
    const job = { _tag: stage, version: 1, ...owner } as const
    yield* jobs.enqueue(caller.tenantId, ids.map((id) => ({ lane: "interactive", ...options, id, job })))
    return ids
  }
)

/** As a worker does that has nothing to do but to settle. */
export const settle = (feed: Feed, claim: ClaimedJob) =>
  Effect.gen(function*() {
    const jobs = yield* JobsRepo
    yield* jobs.finish(claim)
    yield* feed.release(claim)
  })

/** Takes and settles jobs until so many are done, in the order in which they were handed out. */
export const work = Effect.fnUntraced(function*(feed: Feed, count: number, limit = 4) {
  const done: Array<ClaimedJob> = []
  while (done.length < count) {
    const claims = yield* feed.take(Math.min(limit, count - done.length))
    yield* Effect.forEach(claims, (claim) => settle(feed, claim), { discard: true })
    done.push(...claims)
  }
  return done
})

/** Every test begins and ends with no jobs. */
const withoutJobs = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.ensuring(test, Effect.orDie(sql`delete from jobs`)))

/** What every feed promises, with several processes at one database. `process` is built anew for each. */
export const suite = <R>(
  name: string,
  database: Layer.Layer<SqlClient.SqlClient | R>,
  process: Layer.Layer<Process, never, SqlClient.SqlClient | R>
) => {
  it.layer(database, { timeout: "120 seconds" })(name, (it) => {
    const test = (
      title: string,
      body: (world: Context.Context<Process>) => Effect.Effect<
        void,
        SqlError | LeaseLost | Cause.NoSuchElementError,
        Process | SqlClient.SqlClient | R | Scope.Scope
      >
    ) =>
      it.effect(title, () =>
        Effect.gen(function*() {
          const world = yield* start(process)
          yield* withoutJobs(body(world)).pipe(Effect.provide(world))
        }).pipe(live), 60_000)

    test("many workers, each job once", (world) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const others = yield* Effect.replicateEffect(start(process), 2)
        const feeds = yield* Effect.forEach([world, world, ...others], (its) => open(its))
        const ids = [...(yield* owe(caller, 50)), ...(yield* owe(caller, 50, { lane: "bulk" }))]
        const done = new Map<JobId, number>()
        yield* Effect.forEach(
          feeds,
          (feed) =>
            Effect.gen(function*() {
              while (done.size < ids.length) {
                for (const claim of yield* feed.take(3)) {
                  done.set(claim.id, (done.get(claim.id) ?? 0) + 1)
                  yield* settle(feed, claim)
                }
              }
            }),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(new Set(done.keys()), new Set(ids))
        assert.isTrue([...done.values()].every((times) => times === 1))
      }))

    test("interactive work goes first, and bulk work never starves", (world) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const feed = yield* open(world, { concurrency: 20 })
        yield* owe(caller, 60)
        yield* owe(caller, 60, { lane: "bulk" })
        // The queue, if there is one, is filled before work begins.
        yield* Effect.sleep("500 millis")
        const lanes = (yield* work(feed, 120, 2)).map(({ lane }) => lane)
        const bulkAmong = (count: number) => lanes.slice(0, count).filter((lane) => lane === "bulk").length
        assert.isAtLeast(bulkAmong(30), 1, "one in eight is bulk")
        assert.isAtMost(bulkAmong(50), 25, "and hardly more, as long as there is interactive work")
      }))

    test("tenants take turns", (world) =>
      Effect.gen(function*() {
        const [busy, quiet] = [yield* makeTenant, yield* makeTenant]
        const feed = yield* open(world)
        yield* owe(busy.caller, 300)
        yield* work(feed, 20)
        const [wanted] = yield* owe(quiet.caller, 1)
        const order = (yield* work(feed, 200)).map(({ id }) => id)
        assert.isTrue(order.includes(wanted!))
        // Before it go at most the hints that were out: 4 x concurrency; and what is settled while it is noticed.
        assert.isAtMost(order.indexOf(wanted!), 60)
      }))

    test("a delay is honoured", (world) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const feed = yield* open(world)
        const begin = yield* Clock.currentTimeMillis
        const [late] = yield* owe(caller, 1, { delay: Duration.seconds(1) })
        const [soon] = yield* owe(caller, 1)
        assert.deepStrictEqual((yield* work(feed, 2)).map(({ id }) => id), [soon, late])
        const elapsed = (yield* Clock.currentTimeMillis) - begin
        assert.isAtLeast(elapsed, 1_000)
        assert.isAtMost(elapsed, 4_000)
      }))

    test("work of which no signal told is found", (world) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const sql = yield* SqlClient.SqlClient
        const feed = yield* open(world)
        const [id] = yield* owe(caller, 1, { delay: Duration.hours(1) })
        yield* feed.take(1)
        yield* sql`update jobs set not_before = now()`
        assert.deepStrictEqual((yield* work(feed, 1)).map((claim) => claim.id), [id])
      }))

    test("the work of a worker that is gone comes back", (world) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const jobs = yield* JobsRepo
        const sql = yield* SqlClient.SqlClient
        const [dead, alive] = [yield* open(yield* start(process)), yield* open(world)]
        const [id] = yield* owe(caller, 1)
        const [first] = yield* Effect.repeat(dead.take(1), { until: (claims) => claims.length > 0 })
        assert.strictEqual(first!.id, id)
        yield* sql`update jobs set lease_expires_at = now() - interval '1 second'`
        assert.strictEqual(yield* jobs.reap(), 1)
        const [second] = yield* work(alive, 1)
        assert.deepStrictEqual([second!.id, second!.losses], [id, 1])
      }))

    test("released work comes back", (world) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const jobs = yield* JobsRepo
        const feed = yield* open(world)
        const [id] = yield* owe(caller, 1)
        const [first] = yield* Effect.repeat(feed.take(1), { until: (claims) => claims.length > 0 })
        yield* jobs.release(first!, { delay: Duration.zero, blame: true, waitingFor: null })
        yield* feed.release(first!)
        const [second] = yield* work(feed, 1)
        assert.deepStrictEqual([second!.id, second!.attempts], [id, 1])
      }))

    test("work that is not owed any more is not handed out", (world) =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const sql = yield* SqlClient.SqlClient
        const ids = yield* owe(caller, 3)
        // Long enough for hints to be out.
        yield* Effect.sleep("300 millis")
        yield* sql`delete from jobs where id = ${ids[1]!}`
        const feed = yield* open(world)
        const done = yield* work(feed, 2)
        assert.deepStrictEqual(new Set(done.map(({ id }) => id)), new Set([ids[0], ids[2]]))
        assert.deepStrictEqual(yield* feed.take(4), [])
      }))
  })
}
