import { Deferred, Effect, Schedule, Schema } from "effect"
import type { Scope } from "effect"
import type { Duplex } from "node:stream"
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads"
import type { FromWorker, ToWorker, WorkerOptions } from "./messages.ts"
import { portDuplex } from "./portDuplex.ts"

/** The embedded database did not open: damaged files, no space, no memory. */
export class DatabaseNotOpened extends Schema.TaggedError<DatabaseNotOpened>()("DatabaseNotOpened", {
  dataDir: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `The embedded database in ${this.dataDir} did not open: ${this.reason}`
  }
}

/** A running database thread; `ended` completes when it is gone, whatever ended it. */
interface Running {
  readonly worker: Worker
  readonly ended: Deferred.Deferred<string>
}

export interface Tuning extends Omit<WorkerOptions, "dataDir"> {
  /**
   * PostgreSQL guards its own stack (`max_stack_depth`), but compiled to WebAssembly it also uses the thread's, which must
   * never end first: deeply nested JSON would otherwise crash it. Address space only; pages are taken as they are touched.
   */
  readonly stackSizeMb: number
}

export const tuning: Tuning = {
  // Small, because the process shares its memory with parsers and models; the system's file cache serves the reads.
  // A short log keeps the start after a crash quick.
  settings: { shared_buffers: "16MB", max_wal_size: "128MB" },
  patience: 20_000,
  stackSizeMb: 256
}

const post = (worker: Worker, message: ToWorker, ports: ReadonlyArray<MessagePort> = []) =>
  worker.postMessage(message, ports)

const start = Effect.fn("Host.start")((dataDir: string, { stackSizeMb, ...rest }: Tuning) =>
  Effect.callback<Running, DatabaseNotOpened>((resume) => {
    const ended = Deferred.makeUnsafe<string>()
    const workerData: WorkerOptions = { dataDir, ...rest }
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData, resourceLimits: { stackSizeMb } })
    let reason = "the database thread ended"
    worker.on("message", (message: FromWorker) => {
      if (message._tag === "Ready") return resume(Effect.succeed({ worker, ended }))
      reason = message.message
    })
    worker.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error)
    })
    worker.on("exit", () => {
      Deferred.doneUnsafe(ended, Effect.succeed(reason))
      resume(Effect.fail(new DatabaseNotOpened({ dataDir, reason })))
    })
    return Effect.promise(() => worker.terminate())
  })
)

/** Closes the database in order; a thread that does not come to an end is ended, which the files survive. */
const stop = ({ ended, worker }: Running) =>
  Effect.sync(() => post(worker, { _tag: "Stop" })).pipe(
    Effect.andThen(Deferred.await(ended)),
    Effect.timeoutOrElse({ duration: "10 seconds", orElse: () => Effect.promise(() => worker.terminate()) })
  )

/** Makes an empty database in a thread of its own: what doing so takes, some 400 MB, goes back with the thread. */
export const initialise = (dataDir: string) =>
  Effect.scoped(Effect.asVoid(Effect.acquireRelease(start(dataDir, tuning), stop, { interruptible: true })))

const reopening = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")])

/**
 * Runs PGlite on `dataDir` in a worker thread until the scope closes. `connect` opens a logical connection that speaks the
 * PostgreSQL wire protocol. Should the thread die, its connections break as those of a crashed server do, the database is
 * opened again, and new connections wait for that.
 */
export const make = Effect.fn("Host.make")(function*(
  dataDir: string,
  options: Tuning = tuning
): Effect.fn.Return<{ readonly connect: () => Duplex }, DatabaseNotOpened, Scope.Scope> {
  const waiting = new Set<MessagePort>()
  let running: Running | undefined = yield* Effect.acquireRelease(
    start(dataDir, options),
    () => running === undefined ? Effect.void : stop(running),
    { interruptible: true }
  )
  const admit = ({ worker }: Running, port: MessagePort) => post(worker, { _tag: "Connect", port }, [port])

  const supervise = (first: Running) =>
    Effect.gen(function*() {
      for (let current = first;;) {
        const reason = yield* Deferred.await(current.ended)
        running = undefined
        yield* Effect.logError(`The embedded database crashed and is opened again: ${reason}`)
        current = yield* Effect.retry(start(dataDir, options), reopening)
        running = current
        for (const port of waiting) admit(current, port)
        waiting.clear()
      }
    })
  // Ends before the database does, so it never takes an orderly stop for a crash.
  yield* Effect.forkScoped(supervise(running))

  const connect = (): Duplex => {
    const { port1, port2 } = new MessageChannel()
    if (running !== undefined) admit(running, port2)
    else waiting.add(port2)
    return portDuplex(port1).on("close", () => waiting.delete(port2))
  }
  return { connect }
})
