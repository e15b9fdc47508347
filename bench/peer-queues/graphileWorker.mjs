// `graphileWorker.mjs URL JOBS CONCURRENCY`: adds each job in a transaction that writes a row of the application as well; it listens
// for new ones, as it does by itself.
import { Logger, run } from "graphile-worker"
import { Pool } from "pg"
import { measure } from "./measure.ts"

const [url, jobs, concurrency] = process.argv.slice(2)
const most = Number(concurrency)
const own = new Pool({ connectionString: url, max: most })
await own.query("create table if not exists accepted (id bigserial primary key, at timestamptz not null default now())")
// Its connections: one per job at work, one to listen, one to spare.
const pool = new Pool({ connectionString: url, max: most + 2 })
let completed = 0
const runner = await run({
  pgPool: pool,
  concurrency: most,
  noHandleSignals: true,
  logger: new Logger(() => () => {}),
  taskList: { noop: async () => {} }
})
runner.events.on("job:complete", () => completed++)

const send = async () => {
  const client = await own.connect()
  try {
    await client.query("begin")
    await client.query("insert into accepted default values")
    await client.query("select graphile_worker.add_job('noop', $1)", [JSON.stringify({ document: "d" })])
    await client.query("commit")
  } finally {
    client.release()
  }
}

await measure(Number(jobs), most, { send, done: () => completed })
await runner.stop()
await pool.end()
await own.end()
