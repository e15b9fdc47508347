import { assert, it } from "@effect/vitest"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { JobId } from "@sheaf/domain/ids"
import type { Lane } from "@sheaf/domain/jobs/Job"
import { Clock, Duration, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeDocument, makeTenant } from "./world.ts"

const lease = Duration.seconds(30)
const stage = "PurgeRun"
const claimFor = (holder: string, limit = 10) =>
  Effect.flatMap(JobsRepo, (jobs) => jobs.claim({ wants: [{ stage, limit }], holder, lease }))

const enqueue = Effect.fnUntraced(function*(caller: Caller, lane: Lane = "interactive") {
  const jobs = yield* JobsRepo
  const datasetId = yield* makeDataset(caller)
  const owner = yield* makeDocument(caller, datasetId)
  const id = yield* newId(JobId)
  yield* jobs.enqueue(caller.tenantId, [{ id, lane, job: { _tag: stage, version: 1, ...owner } }])
  return id
})

/** Tests share a database: each begins with no jobs. */
const withoutJobs = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.andThen(sql`delete from jobs`, test))

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`JobsRepo on ${name}`, (it) => {
    it.effect("a job has one holder at a time, whoever asks", () =>
      withoutJobs(Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const ids = new Set<string>()
        for (let index = 0; index < 20; index++) ids.add(yield* enqueue(caller))
        const claims = yield* Effect.forEach([1, 2, 3, 4], (worker) => claimFor(`w${worker}`, 8), { concurrency: 4 })
        const claimed = claims.flat().map((claim) => claim.id)
        assert.strictEqual(claimed.length, new Set(claimed).size)
        const rest = yield* claimFor("w5", 100)
        assert.deepStrictEqual(new Set([...claimed, ...rest.map((claim) => claim.id)]), ids)
      })))

    it.effect("interactive work goes first, and tenants take turns", () =>
      withoutJobs(Effect.gen(function*() {
        const [busy, quiet] = [yield* makeTenant, yield* makeTenant]
        for (let index = 0; index < 6; index++) yield* enqueue(busy.caller, "bulk")
        for (let index = 0; index < 6; index++) yield* enqueue(busy.caller)
        const wanted = yield* enqueue(quiet.caller)
        const claims = yield* claimFor("w", 2)
        assert.isTrue(claims.some((claim) => claim.id === wanted), "the quiet tenant is served at once")
        const rest = yield* claimFor("w", 5)
        assert.deepStrictEqual(rest.map((claim) => claim.lane), Array.from({ length: 5 }, () => "interactive"))
      })))

    it.effect("a lease that ran out or was taken fences its old holder", () =>
      withoutJobs(Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller } = yield* makeTenant
        const id = yield* enqueue(caller)
        const [first] = yield* claimFor("dead")
        yield* sql`update jobs set lease_expires_at = now() - interval '1 second'`
        assert.strictEqual(yield* jobs.reap(), 1)
        const [second] = yield* claimFor("alive")
        assert.strictEqual(second!.id, id)
        assert.strictEqual(second!.losses, 1)
        assert.strictEqual(second!.attempts, 0)
        const late = yield* Effect.flip(jobs.finish(first!))
        assert.strictEqual(late._tag, "LeaseLost")
        yield* jobs.finish(second!)
        assert.strictEqual((yield* jobs.renew("alive", new Set([second!.id]), lease)).size, 0)
      })))

    it.effect("deaths are held against work only as long as it gets no further", () =>
      withoutJobs(Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const { caller } = yield* makeTenant
        yield* enqueue(caller)
        const dying = (getsFurther: boolean) =>
          Effect.gen(function*() {
            const [claim] = yield* claimFor("dying")
            if (getsFurther) yield* jobs.gotFurther(claim!)
            yield* jobs.reap(() => true)
            return claim!.losses
          })
        const losses = yield* Effect.forEach([false, false, true, false, false], dying)
        assert.deepStrictEqual(losses, [0, 1, 2, 1, 2])
      })))

    it.effect("work of a holder that is known to be dead is free at once", () =>
      withoutJobs(Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const { caller } = yield* makeTenant
        yield* enqueue(caller)
        yield* claimFor("before the restart")
        assert.strictEqual(yield* jobs.reap(), 0)
        assert.strictEqual(yield* jobs.reap((holder) => holder === "before the restart"), 1)
        assert.strictEqual((yield* claimFor("now")).length, 1)
      })))

    it.effect("a released job comes back after its delay, and only blame counts", () =>
      withoutJobs(Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller } = yield* makeTenant
        yield* enqueue(caller)
        const [first] = yield* claimFor("w")
        yield* jobs.release(first!, { delay: Duration.zero, blame: false, waitingFor: "embedder" })
        const [second] = yield* claimFor("w")
        assert.strictEqual(second!.attempts, 0)
        yield* jobs.release(second!, { delay: Duration.minutes(5), blame: true, waitingFor: null })
        assert.deepStrictEqual(yield* claimFor("w"), [])
        yield* sql`update jobs set not_before = now()`
        assert.strictEqual((yield* claimFor("w"))[0]!.attempts, 1)
      })))

    it.effect("enqueuing the same work twice owes it once; a rolled-back enqueuing owes nothing", () =>
      withoutJobs(Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const owner = yield* makeDocument(caller, yield* makeDataset(caller))
        const job = {
          id: yield* newId(JobId),
          lane: "bulk" as const,
          job: { _tag: stage, version: 1, ...owner } as const
        }
        yield* jobs.enqueue(tenantId, [job])
        yield* jobs.enqueue(tenantId, [job])
        const other = { ...job, id: yield* newId(JobId) }
        yield* jobs.enqueue(tenantId, [other]).pipe(
          Effect.andThen(Effect.fail("no")),
          sql.withTransaction,
          Effect.ignore
        )
        assert.deepStrictEqual((yield* claimFor("w")).map((claim) => claim.id), [job.id])
      })))

    it.effect("what follows from a job is claimed where it is written, unless it exists or its run is paused", () =>
      withoutJobs(Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        const made = Effect.gen(function*() {
          const owner = yield* makeDocument(caller, datasetId)
          const job = { _tag: stage, version: 1, ...owner } as const
          return { id: yield* newId(JobId), lane: "bulk" as const, job }
        })
        yield* enqueue(caller)
        const [first] = yield* claimFor("w")
        const [fresh, existing, paused, plain] = [yield* made, yield* made, yield* made, yield* made]
        yield* jobs.enqueue(tenantId, [existing])
        yield* sql`update runs set paused = true where id = ${paused.job.runId}`
        const next = [fresh, existing, paused, plain]
        const kept = { jobIds: new Set([fresh.id, existing.id, paused.id]), holder: "w", lease }
        const finish = Effect.andThen(jobs.finish(first!), jobs.follow(first!, next, kept))

        yield* transact(sql)(Effect.andThen(finish, Effect.fail("no"))).pipe(Effect.ignore)
        assert.deepStrictEqual((yield* claimFor("other")).map(({ id }) => id), [existing.id], "rolled back")
        yield* jobs.leave("other")

        const claims = yield* transact(sql)(finish)
        assert.deepStrictEqual(claims.map(({ id, job }) => ({ id, job })), [{ id: fresh.id, job: fresh.job }])
        assert.deepStrictEqual(
          new Set((yield* claimFor("other")).map(({ id }) => id)),
          new Set([existing.id, paused.id, plain.id])
        )
        assert.deepStrictEqual(yield* jobs.renew("w", new Set([first!.id, fresh.id]), lease), new Set([fresh.id]))
        yield* jobs.finish(claims[0]!)
        assert.strictEqual((yield* jobs.renew("w", new Set([fresh.id]), lease)).size, 0)
      })))
  })
}

// The embedded database has one session: nobody is in the way there.
const [, postgres] = engines

it.layer(postgres!.layer, { timeout: "60 seconds" })("leases on PostgreSQL", (it) => {
  it.effect("are renewed while another transaction has one of the jobs, which is held all the same", () =>
    Effect.gen(function*() {
      const jobs = yield* JobsRepo
      const sql = yield* SqlClient.SqlClient
      const { caller } = yield* makeTenant
      const busy = yield* enqueue(caller)
      const other = yield* enqueue(caller)
      yield* claimFor("w")
      const long = yield* Effect.acquireRelease(
        Effect.tap(sql.reserve, (session) => session.executeRaw("begin", [])),
        (session) => Effect.orDie(session.executeRaw("rollback", []))
      )
      yield* long.executeRaw("select from jobs where id = $1 for update", [busy])
      const cancelled = yield* newId(JobId)
      const held = yield* Effect.timeout(
        jobs.renew("w", new Set([busy, other, cancelled]), Duration.hours(1)),
        "5 seconds"
      )
      assert.deepStrictEqual(held, new Set([busy, other]))
      assert.deepStrictEqual(
        yield* sql`select id from jobs where lease_expires_at > now() + interval '30 minutes'`,
        [{ id: other }]
      )
    }).pipe(Effect.scoped, Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())))
})
