// `pgBoss.mjs URL JOBS CONCURRENCY`: sends each job in a transaction that writes a row of the application as well, fetches them in
// batches as large as others work on at a time, and completes each batch at once.
import { Pool } from "pg"
import { PgBoss } from "pg-boss"
import { measure } from "./measure.ts"

const [url, jobs, concurrency] = process.argv.slice(2)
const most = Number(concurrency)
const pool = new Pool({ connectionString: url, max: most })
await pool.query(
  "create table if not exists accepted (id bigserial primary key, at timestamptz not null default now())"
)
const boss = new PgBoss({ connectionString: url, max: most, schedule: false, supervise: false })
boss.on("error", (error) => {
  throw error
})
await boss.start()
await boss.createQueue("noop")

const send = async () => {
  const client = await pool.connect()
  try {
    await client.query("begin")
    await client.query("insert into accepted default values")
    await boss.send("noop", { document: "d" }, { db: { executeSql: (text, values) => client.query(text, values) } })
    await client.query("commit")
  } finally {
    client.release()
  }
}

let completed = 0
const state = { running: true }
const work = async () => {
  while (state.running) {
    const batch = await boss.fetch("noop", { batchSize: most })
    if (batch.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      continue
    }
    await boss.complete("noop", batch.map((job) => job.id))
    completed += batch.length
  }
}

const working = work()
await measure(Number(jobs), most, { send, done: () => completed })
state.running = false
await working
await boss.stop({ graceful: false })
await pool.end()
