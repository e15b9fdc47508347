import { assert, it } from "@effect/vitest"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import type { JobId } from "@sheaf/domain/ids"
import { defaults, Runner } from "@sheaf/worker/pipeline/Runner"
import { Settle } from "@sheaf/worker/pipeline/Settle"
import * as Stage from "@sheaf/worker/pipeline/Stage"
import { Deferred, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { live, owe, stage, start } from "../contracts/jobFeed.ts"
import { makeTenant } from "../repos/world.ts"
import * as Database from "../support/database/Database.ts"
import { natsProcess, Server } from "../support/backends/natsProcess.ts"

const postgres = Database.engines.find(({ name }) => name === "PostgreSQL")!

it.layer(Layer.merge(postgres.layer, Server.layer), { timeout: "120 seconds" })("Runner over JetStream", (it) => {
  it.effect(
    "ten thousand jobs of one tenant do not delay the upload of another by more than a second",
    () =>
      Effect.gen(function*() {
        let settled = 0
        const waitedFor = new Map<JobId, Deferred.Deferred<number>>()
        const nothing = Stage.make({
          handles: stage,
          concurrency: 2,
          timeout: "10 seconds",
          run: ({ claim }) => {
            const seen = waitedFor.get(claim.id)
            const note = Effect.suspend(() => {
              settled++
              return seen === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(seen, performance.now()))
            })
            return Effect.succeed(note)
          }
        })
        const worker = Runner.layer([nothing], { ...defaults, holder: "worker" }).pipe(
          Layer.provide(Settle.layer),
          Layer.provideMerge(natsProcess)
        )
        const api = yield* start(natsProcess)
        yield* Effect.gen(function*() {
          const jobs = yield* JobsRepo
          const sql = yield* SqlClient.SqlClient
          const [busy, quiet] = [yield* makeTenant, yield* makeTenant]
          for (let part = 0; part < 10; part++) yield* owe(busy.caller, 1_000)
          yield* start(worker)
          yield* Effect.sleep("2 seconds")

          const delays: Array<number> = []
          for (let upload = 0; upload < 5; upload++) {
            const begun = performance.now()
            const [id] = yield* transact(sql)(
              Effect.tap(
                owe(quiet.caller, 1),
                ([id]) => Effect.map(Deferred.make<number>(), (seen) => waitedFor.set(id!, seen))
              )
            )
            delays.push((yield* Deferred.await(waitedFor.get(id!)!)) - begun)
          }
          const owed = (yield* jobs.backlog).reduce((sum, { jobs }) => sum + jobs, 0)
          yield* Effect.logInfo(`upload settled after ${delays.map(Math.round).join(", ")} ms, ${settled} done`)
          assert.isAbove(owed, 1_000, "the other tenant's jobs are still there")
          assert.isAbove(settled, 50, "and being worked on")
          assert.isAtMost(Math.max(...delays), 1_000)
        }).pipe(Effect.provide(api))
      }).pipe(live),
    60_000
  )
})
