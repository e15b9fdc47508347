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

/** What PostgreSQL said last while it started: it knows more about a failure than the exception that follows. */
const log: Array<string> = []
let logging = true

const remember = (text: string) => {
  if (!logging) return true
  log.push(text.trim())
  if (log.length > 3) log.shift()
  return true
}

const fail = (error: unknown): never => {
  const thrown = error instanceof Error ? error.message : String(error)
  tell({ _tag: "Failed", message: [...log, thrown].join("; ") })
  process.exit(1)
}

/** The status of the jump by which PostgreSQL leaves a statement that failed. */
const longJump = 100

/**
 * PGlite goes on after any exception out of PostgreSQL, also one that left it half way through something. Such a session
 * cannot be trusted: the thread ends, as a crashed server does, and is started again from the log.
 */
const failOnCrash = (db: PGlite) => {
  const server = db.Module
  const runOne = server._PostgresMainLoopOnce
  server._PostgresMainLoopOnce = () => {
    try {
      runOne()
    } catch (error) {
      if (typeof error === "object" && error !== null && "status" in error && error.status === longJump) throw error
      fail(error)
    }
  }
}

const open = () =>
  PGlite.create({
    dataDir: options.dataDir,
    extensions: { vector },
    onStdout: remember,
    onStderr: remember,
    startParams: [...PGlite.defaultStartParams, ...settings]
  })

const serve = (db: PGlite) => {
  failOnCrash(db)
  // From here on its lines may quote what users stored.
  logging = false
  log.length = 0
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

open().then(serve, fail)
