import { PGlite } from "@electric-sql/pglite"
import { vector } from "@electric-sql/pglite-pgvector"
import { parentPort, workerData } from "node:worker_threads"
import { type FromWorker, type ToWorker, type WorkerOptions } from "./messages.ts"
import { makeMultiplexer } from "./Multiplexer.ts"
import { postBytes } from "./portDuplex.ts"

// The worker thread's entry: opens the database, then serves one logical connection for each port that it is sent.

// The thread is started with `WorkerOptions` and is a worker by construction.
const options = workerData as WorkerOptions
const parent = parentPort!
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin; windows do
const tell = (message: FromWorker) => parent.postMessage(message)

const settings = Object.entries(options.settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])

const open = () =>
  PGlite.create({
    dataDir: options.dataDir,
    extensions: { vector },
    startParams: [...PGlite.defaultStartParams, ...settings]
  })

const serve = (db: PGlite) => {
  const multiplexer = makeMultiplexer(
    { exec: (messages) => db.execProtocolRawSync(messages), inTransaction: () => db.isInTransaction() },
    options.patience
  )
  parent.on("message", (message: ToWorker) => {
    if (message._tag === "Stop") return void db.close().finally(() => process.exit(0))
    const { port } = message
    const connection = multiplexer.connect({
      send: (bytes) => postBytes(port, bytes),
      close: () => port.close()
    })
    port.on("message", connection.receive)
    port.on("close", connection.close)
  })
  tell({ _tag: "Ready" })
}

open().then(serve, (error: unknown) => {
  tell({ _tag: "Failed", message: error instanceof Error ? error.message : String(error) })
  process.exit(1)
})
