import { Deferred, Effect, Schedule, Schema } from "effect"
import type { Scope } from "effect"
import { type Duplex, PassThrough } from "node:stream"
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

const post = (worker: Worker, message: ToWorker, ports: ReadonlyArray<MessagePort> = []) =>
  worker.postMessage(message, ports)

const start = Effect.fn("Host.start")((options: WorkerOptions) =>
  Effect.callback<Running, DatabaseNotOpened>((resume) => {
    const ended = Deferred.makeUnsafe<string>()
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: options })
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
      resume(Effect.fail(new DatabaseNotOpened({ dataDir: options.dataDir, reason })))
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

/** A stream that is refused at once, as a socket to a server that is down. */
const refused = (): Duplex => new PassThrough().destroy(new Error("The embedded database is starting again"))

const reopening = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")])

/**
 * Runs PGlite on `dataDir` in a worker thread until the scope closes. `connect` opens a logical connection that speaks the
 * PostgreSQL wire protocol. Should the thread die, its connections break as those of a crashed server do, and the database
 * is opened again.
 */
export const make = Effect.fn("Host.make")(function*(
  options: WorkerOptions
): Effect.fn.Return<{ readonly connect: () => Duplex }, DatabaseNotOpened, Scope.Scope> {
  let running: Running | undefined = yield* Effect.acquireRelease(
    start(options),
    () => running === undefined ? Effect.void : stop(running),
    { interruptible: true }
  )
  const supervise = (first: Running) =>
    Effect.gen(function*() {
      for (let current = first;; running = current) {
        const reason = yield* Deferred.await(current.ended)
        running = undefined
        yield* Effect.logError("The embedded database ended unexpectedly and is opened again", reason)
        current = yield* Effect.retry(start(options), reopening)
      }
    })
  // Ends before the database does, so it never takes an orderly stop for a crash.
  yield* Effect.forkScoped(supervise(running))

  const connect = (): Duplex => {
    if (running === undefined) return refused()
    const { port1, port2 } = new MessageChannel()
    post(running.worker, { _tag: "Connect", port: port2 }, [port2])
    return portDuplex(port1)
  }
  return { connect }
})
