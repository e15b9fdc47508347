import { assert, it } from "@effect/vitest"
import { HintsRepo } from "@sheaf/adapters/repos/jobs/HintsRepo"
import { JobsRepo, type LeaseLost } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { transact } from "@sheaf/adapters/repos/rows"
import { RunControlRepo } from "@sheaf/adapters/repos/runs/RunControlRepo"
import { RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { JobId, WorkUnitId } from "@sheaf/domain/ids"
import type { ClaimedJob } from "@sheaf/domain/jobs/Job"
import { Duration, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeDocument, makeTenant } from "./world.ts"

const claimer = { holder: "w", lease: Duration.minutes(1) }
const upTo = (limit: number) => ({ ...claimer, wants: [{ stage: "ParsePages", limit }] as const })

const rounds = 12
const units = 6

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`a run that is stopped while it works, on ${name}`, (it) => {
    it.effect("owes nothing afterwards, whatever was being settled or failing at that moment", () =>
      Effect.gen(function*() {
        const jobs = yield* JobsRepo
        const runs = yield* RunsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)

        const settle = Effect.fnUntraced(function*(claim: ClaimedJob) {
          const { job } = claim
          if (job._tag !== "ParsePages") return
          yield* jobs.finish(claim)
          const { stageDone } = yield* runs.completeUnit(tenantId, job.runId, {
            id: job.unitId,
            stage: "parse",
            elapsedMs: 1
          })
          if (stageDone) {
            const unitId = yield* newId(WorkUnitId)
            yield* runs.plan(tenantId, job.runId, [{ id: unitId, stage: "chunk", ordinal: 0, weight: 1, spec: {} }])
            yield* jobs.enqueue(tenantId, [
              { id: JobId.make(unitId), lane: "bulk", job: { ...job, _tag: "ChunkDocument", unitId } }
            ])
          }
        })
        const fail = Effect.fnUntraced(function*(claim: ClaimedJob) {
          const { job } = claim
          if (job._tag !== "ParsePages") return
          yield* jobs.fence(claim)
          yield* jobs.bury(claim, { _tag: "NoPages" })
          if (yield* runs.end(tenantId, job.runId, "failed", { _tag: "NoPages" })) {
            yield* jobs.dropRun(tenantId, job.runId)
          }
        })
        const fenced = (claim: ClaimedJob, write: (claim: ClaimedJob) => Effect.Effect<void, LeaseLost>) =>
          transact(sql)(write(claim)).pipe(Effect.catchTag("LeaseLost", () => Effect.void))

        for (let round = 0; round < rounds; round++) {
          yield* sql`delete from jobs`
          const { documentId, runId } = yield* makeDocument(caller, datasetId)
          const planned = yield* Effect.forEach(
            Array.from({ length: units }),
            (_, ordinal) =>
              Effect.map(newId(WorkUnitId), (id) => ({ id, stage: "parse" as const, ordinal, weight: 1, spec: {} }))
          )
          yield* runs.plan(tenantId, runId, planned)
          yield* jobs.enqueue(
            tenantId,
            planned.map(({ id }) => ({
              id: JobId.make(id),
              lane: "bulk",
              job: { _tag: "ParsePages", version: 1, datasetId, documentId, runId, unitId: id }
            }))
          )
          const claims = yield* jobs.claim(upTo(units))
          assert.strictEqual(claims.length, units)
          const cancel = transact(sql)(
            Effect.flatMap(
              runs.end(tenantId, runId, "cancelled"),
              (mine) => mine ? jobs.dropRun(tenantId, runId) : Effect.void
            )
          )
          // One of them fails in every second round; the cancel comes first, last or in the middle.
          const work = claims.map((claim, at) => fenced(claim, at === 2 && round % 2 === 0 ? fail : settle))
          work.splice(round % (units + 1), 0, cancel)
          yield* Effect.all(work, { concurrency: "unbounded", discard: true })

          const [run] = yield* runs.ofDocument(tenantId, documentId)
          assert.include(["cancelled", "failed"], run!.state)
          const owed = yield* sql<{ state: string }>`select state from jobs where run_id = ${runId} and state <> 'dead'`
          assert.deepStrictEqual(owed, [], `round ${round}`)
        }
      }))
  })
}

/** A run that owes so many jobs, of which nobody has claimed one. */
const owing = Effect.fnUntraced(function*(caller: Caller, count: number) {
  const jobs = yield* JobsRepo
  const sql = yield* SqlClient.SqlClient
  yield* sql`delete from jobs`
  const document = yield* makeDocument(caller, yield* makeDataset(caller))
  const ids = yield* Effect.forEach(Array.from({ length: count }), () => newId(WorkUnitId))
  yield* jobs.enqueue(
    caller.tenantId,
    ids.map((unitId) => ({
      id: JobId.make(unitId),
      lane: "interactive",
      job: { _tag: "ParsePages", version: 1, ...document, unitId }
    }))
  )
  return document
})

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`control of a run on ${name}`, (it) => {
    it.effect("what a paused run owes is given back, handed out to nobody and late for nobody", () =>
      Effect.gen(function*() {
        const control = yield* RunControlRepo
        const hints = yield* HintsRepo
        const jobs = yield* JobsRepo
        const { caller, tenantId } = yield* makeTenant
        const { runId } = yield* owing(caller, 3)
        const lines = [{ stage: "ParsePages", lane: "interactive", limit: 10 }] as const
        const hinted = yield* hints.due(lines)
        assert.strictEqual(hinted.length, 3)
        const [claim] = yield* jobs.claim(upTo(1))

        assert.isTrue(yield* control.pause(tenantId, runId))
        assert.isFalse(yield* control.pause(tenantId, runId))
        assert.strictEqual((yield* Effect.flip(jobs.fence(claim!)))._tag, "LeaseLost")
        assert.strictEqual((yield* jobs.renew("w", new Set([claim!.id]), claimer.lease)).size, 0)
        assert.deepStrictEqual(yield* jobs.claim(upTo(10)), [])
        assert.deepStrictEqual(yield* jobs.claimHinted({ ...claimer, hints: hinted }), [])
        assert.deepStrictEqual(yield* hints.due(lines), [])
        assert.deepStrictEqual((yield* jobs.backlog).map(({ jobs, state }) => ({ jobs, state })), [
          { jobs: 3, state: "paused" }
        ])
        assert.strictEqual(yield* jobs.reap(() => true), 0)

        assert.isTrue(yield* control.resume(tenantId, runId))
        assert.isFalse(yield* control.resume(tenantId, runId))
        assert.deepStrictEqual(yield* jobs.claimHinted({ ...claimer, hints: hinted }), [], "a hint of before is void")
        const again = yield* jobs.claim(upTo(10))
        assert.deepStrictEqual(again.map(({ attempts, losses }) => ({ attempts, losses })), [
          { attempts: 0, losses: 0 },
          { attempts: 0, losses: 0 },
          { attempts: 0, losses: 0 }
        ])
      }))

    it.effect("another lane holds for what is queued, what is at work, and what follows from it", () =>
      Effect.gen(function*() {
        const control = yield* RunControlRepo
        const jobs = yield* JobsRepo
        const sql = yield* SqlClient.SqlClient
        const { caller, tenantId } = yield* makeTenant
        const { runId } = yield* owing(caller, 2)
        const [claim] = yield* jobs.claim(upTo(1))
        assert.isTrue(yield* control.prioritise(tenantId, runId, "bulk"))
        assert.deepStrictEqual((yield* jobs.claim(upTo(10))).map(({ lane }) => lane), ["bulk"])
        assert.strictEqual(yield* transact(sql)(jobs.finish(claim!)), "bulk")
        const [run] = yield* sql<{ lane: string }>`select config ->> 'lane' as lane from runs where id = ${runId}`
        assert.strictEqual(run!.lane, "bulk")
      }))

    it.effect("a run that has ended cannot be told anything", () =>
      Effect.gen(function*() {
        const control = yield* RunControlRepo
        const runs = yield* RunsRepo
        const { caller, tenantId } = yield* makeTenant
        const { runId } = yield* owing(caller, 1)
        assert.isTrue(yield* control.pause(tenantId, runId))
        assert.isTrue(yield* runs.end(tenantId, runId, "cancelled"))
        assert.deepStrictEqual(
          yield* Effect.all([
            control.pause(tenantId, runId),
            control.resume(tenantId, runId),
            control.prioritise(tenantId, runId, "bulk")
          ]),
          [false, false, false]
        )
      }))
  })
}
