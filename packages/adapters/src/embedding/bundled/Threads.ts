import { Deferred, Effect, Schema } from "effect"
import type { Scope } from "effect"
import { Worker } from "node:worker_threads"
import { makeBacklog } from "./Backlog.ts"

/** A thread died, hung or did not start, twice for the same request. */
export class ThreadFailed extends Schema.TaggedError<ThreadFailed>()("ThreadFailed", { reason: Schema.String }) {}

export interface Threads<Request, Reply> {
  /** Answered by the next idle thread; urgent ones before all others. Interrupting takes a waiting request out of the line. */
  readonly ask: (request: Request, line: "urgent" | "normal") => Effect.Effect<Reply, ThreadFailed>
}

interface Options {
  /** The module that runs in the thread: one answer for each message, in order. */
  readonly entry: URL
  readonly workerData: unknown
  readonly count: number
  /** Whether the first thread starts before anything is asked. */
  readonly eager: boolean
}

interface Job<Request, Reply> {
  readonly request: Request
  readonly reply: Deferred.Deferred<Reply, ThreadFailed>
  attempts: number
}

const maxAttempts = 2

/** A request that takes longer, loading included, hangs: its thread is ended. */
const patience = "60 seconds"

/**
 * A pool of worker threads that are started when first needed, do one request at a time, and are replaced when they die. The request
 * of a dying thread is tried once more, on a fresh one.
 */
export const makeThreads = Effect.fn("Threads.make")(function*<Request, Reply>(
  options: Options
): Effect.fn.Return<Threads<Request, Reply>, never, Scope.Scope> {
  const backlog = makeBacklog<Job<Request, Reply>>()

  const runThread = Effect.fnUntraced(function*(eager: boolean) {
    const slot = makeSlot<Request, Reply>(options)
    yield* Effect.addFinalizer(() => slot.stop)
    if (eager) slot.start()
    while (true) {
      const job = yield* backlog.take
      yield* slot.ask(job.request).pipe(
        Effect.timeoutOrElse({
          duration: patience,
          orElse: () => new ThreadFailed({ reason: `no answer within ${patience}` })
        }),
        Effect.matchEffect({
          onSuccess: (reply) => Deferred.succeed(job.reply, reply),
          onFailure: (failure) =>
            Effect.andThen(slot.stop, () => {
              job.attempts++
              if (job.attempts >= maxAttempts) return Deferred.fail(job.reply, failure)
              return Effect.sync(() => backlog.offer(job, "urgent"))
            })
        })
      )
    }
  })

  for (let i = 0; i < options.count; i++) {
    yield* Effect.forkScoped(Effect.scoped(runThread(options.eager && i === 0)), { startImmediately: true })
  }

  return {
    ask: (request, line) =>
      Effect.suspend(() => {
        const job: Job<Request, Reply> = { request, reply: Deferred.makeUnsafe(), attempts: 0 }
        backlog.offer(job, line)
        return Effect.onInterrupt(Deferred.await(job.reply), () => Effect.sync(() => backlog.withdraw(job)))
      })
  }
})

/** A place for one thread: started on demand, forgotten when it is gone. */
const makeSlot = <Request, Reply>(options: Options) => {
  let worker: Worker | undefined
  let waiting: ((answer: Effect.Effect<Reply, ThreadFailed>) => void) | undefined

  const settle = (answer: Effect.Effect<Reply, ThreadFailed>) => {
    const resume = waiting
    waiting = undefined
    resume?.(answer)
  }

  const start = (): Worker => {
    if (worker !== undefined) return worker
    const started = new Worker(options.entry, { workerData: options.workerData })
    let reason = "the thread ended"
    started.on("message", (reply: Reply) => settle(Effect.succeed(reply)))
    started.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error)
    })
    started.on("exit", () => {
      if (worker !== started) return
      worker = undefined
      settle(Effect.fail(new ThreadFailed({ reason })))
    })
    worker = started
    return started
  }

  const stop = Effect.suspend(() => {
    const stopped = worker
    worker = undefined
    return stopped === undefined ? Effect.void : Effect.promise(() => stopped.terminate())
  })

  const ask = (request: Request): Effect.Effect<Reply, ThreadFailed> =>
    Effect.callback((resume) => {
      waiting = resume
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin; windows do
      start().postMessage(request)
    })

  return { start, stop, ask }
}
