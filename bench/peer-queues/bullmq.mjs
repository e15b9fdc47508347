// `bullmq.mjs SOCKET JOBS CONCURRENCY`: no transaction with a database, as there is none.
import { Queue, Worker } from "bullmq"
import { measure } from "./measure.ts"

const [path, jobs, concurrency] = process.argv.slice(2)
const most = Number(concurrency)
const connection = { path, maxRetriesPerRequest: null }
const queue = new Queue("noop", { connection })
let completed = 0
const worker = new Worker("noop", async () => {}, {
  connection,
  concurrency: most,
  removeOnComplete: { count: 0 }
})
worker.on("completed", () => completed++)
await worker.waitUntilReady()
await measure(Number(jobs), most, { send: () => queue.add("noop", { document: "d" }), done: () => completed })
await worker.close()
await queue.close()
