import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import { JobFeed } from "@sheaf/adapters/feed/JobFeed"
import { newId } from "@sheaf/adapters/repos/newId"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { transact } from "@sheaf/adapters/repos/rows"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { lastly } from "@sheaf/adapters/sql/transactions"
import { DatasetId, DocumentId, JobId } from "@sheaf/domain/ids"
import { defaults, Runner } from "@sheaf/worker/pipeline/Runner"
import { Settle } from "@sheaf/worker/pipeline/Settle"
import * as Stage from "@sheaf/worker/pipeline/Stage"
import { Effect, Layer, Option, Redacted, References } from "effect"
import { SqlClient } from "effect/sql"
import { measure } from "../peer-queues/measure.ts"

// `jobs.ts URL JOBS CONCURRENCY`: owed work that does nothing, through the repositories, the feed and the runner that a worker has.
const [url = "", jobs = "", concurrency = ""] = process.argv.slice(2)
const most = Number(concurrency)

let completed = 0

const stage = Stage.make({
  handles: "PurgeDocument",
  concurrency: most,
  timeout: "1 minute",
  run: () => Effect.succeed(Stage.nothing)
})

/** Counts the jobs that are settled, in the feed of an all-in-one process, which hears of each. */
const feed = Layer.effect(
  JobFeed,
  Effect.map(DatabaseFeed.make, (real) =>
    JobFeed.of({
      open: (options) =>
        Effect.map(real.open(options), (opened) => ({
          ...opened,
          release: (claim) => Effect.andThen(opened.release(claim), Effect.sync(() => void completed++))
        }))
    }))
)

const stored = Repos.layer.pipe(
  Layer.provideMerge(
    Layer.merge(
      InProcessSignals.layer,
      Postgres.layer({ url: Redacted.make(url), role: "all", limits: { maxConnections: 2 * most } })
    )
  )
)

const runner = Runner.layer([stage], { ...defaults, holder: "bench" }).pipe(
  Layer.provide(Layer.merge(Settle.layer, feed)),
  Layer.provideMerge(stored),
  // As every process has it whose spans nobody collects.
  Layer.provideMerge(Layer.succeed(References.TracerEnabled, false))
)

const main = Effect.gen(function*() {
  const repo = yield* JobsRepo
  const sql = yield* SqlClient.SqlClient
  const tenants = yield* TenantsRepo
  yield* Runner
  yield* sql`create table if not exists accepted (id bigserial primary key, at timestamptz not null default now())`
  yield* tenants.insert("bench")
  const tenant = Option.getOrThrow(yield* tenants.findByName("bench"))
  const datasetId = yield* newId(DatasetId)
  const send = Effect.gen(function*() {
    const documentId = yield* newId(DocumentId)
    yield* Effect.orDie(sql`insert into accepted default values`)
    const job = { _tag: "PurgeDocument", version: 1, datasetId, documentId } as const
    yield* lastly(sql)(repo.enqueue(tenant.id, [{ id: yield* newId(JobId), lane: "bulk", job }]))
  }).pipe(transact(sql))
  const context = yield* Effect.context<never>()
  const sending = Effect.runPromiseWith(context)
  yield* Effect.promise(() => measure(Number(jobs), most, { send: () => sending(send), done: () => completed }))
}).pipe(Effect.provide(runner))

await Effect.runPromise(main)
