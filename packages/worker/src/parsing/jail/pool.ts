import { Effect, type Scope, Semaphore } from "effect"
import { type JailFences, JailProcess } from "./JailProcess.ts"
import { isolation } from "./network.ts"

export interface Pool {
  /** A process of one's own while the scope is open, by preference the one that worked on this file last. */
  readonly checkOut: (path: string) => Effect.Effect<JailProcess, never, Scope.Scope>
}

/** A process is replaced after this many requests: libraries leak. */
const maxRequests = 500

/** Processes start when first needed and stay for the next request; one that is still busy when its user leaves is killed. */
export const makePool = Effect.fnUntraced(
  function*(
    options: Omit<JailFences, "isolation"> & { readonly processes: number }
  ): Effect.fn.Return<Pool, never, Scope.Scope> {
    const permits = yield* Semaphore.make(options.processes)
    const idle: Array<JailProcess> = []
    yield* Effect.addFinalizer(() => Effect.forEach(idle, end, { discard: true }))

    const pick = (path: string): JailProcess | undefined => {
      const usable = idle.filter((process) => !process.exited)
      const found = usable.find((process) => process.lastPath === path) ?? usable[0]
      idle.splice(0, idle.length, ...usable.filter((process) => process !== found))
      return found
    }

    const start = Effect.map(Effect.promise(isolation), (isolation) => new JailProcess({ ...options, isolation }))

    const putBack = (process: JailProcess) => {
      const worn = process.requests >= maxRequests || process.worn
      if (process.busy || process.exited || worn) return end(process)
      return Effect.sync(() => void idle.push(process))
    }

    const watch = (process: JailProcess) =>
      Effect.sync(() => process.watch()).pipe(Effect.delay("100 millis"), Effect.forever)

    const checkOut = Effect.fnUntraced(function*(path: string) {
      yield* Effect.acquireRelease(Semaphore.take(permits, 1), () => Semaphore.release(permits, 1), {
        interruptible: true
      })
      const process = yield* Effect.acquireRelease(
        Effect.suspend(() => {
          const idle = pick(path)
          return idle === undefined ? start : Effect.succeed(idle)
        }),
        putBack
      )
      yield* Effect.forkScoped(watch(process))
      return process
    })

    return { checkOut }
  }
)

const end = (process: JailProcess) =>
  Effect.suspend(() => {
    process.kill()
    return Effect.promise(() => process.gone)
  })
