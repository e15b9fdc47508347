import { Context, Effect, Fiber, type Scope } from "effect"
import { exitCodes } from "./failures.ts"

// Ctrl-C: a command may take the first one as "no more, please"; otherwise it ends the program orderly. One more than that
// ends it at once, whatever it does. So do signals to a server: the first asks it to stop, the second makes it.

type Listener = () => Effect.Effect<void>

const listeners: Array<Listener> = []
let onStop: (() => void) | undefined

/** Done when the process is asked to stop, by Ctrl-C or a signal: how a server ends that has nothing left to do. */
export const stop: Effect.Effect<void> = Effect.callback<void>((resume) => {
  onStop = () => resume(Effect.void)
  return Effect.sync(() => {
    onStop = undefined
  })
})

/** Takes the next Ctrl-C while the scope is open. */
export const onNext = (listener: Listener): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      listeners.push(listener)
    }),
    () =>
      Effect.sync(() => {
        const index = listeners.indexOf(listener)
        if (index >= 0) listeners.splice(index, 1)
      })
  )

const exitOf = { SIGINT: exitCodes.interrupted, SIGTERM: 143, SIGHUP: 129 } as const

/** Runs the program to its exit code. */
export const runMain = (program: Effect.Effect<number>): void => {
  const fiber = Effect.runFork(Effect.provideContext(program, Context.empty()))
  let ending: keyof typeof exitOf | undefined
  let stopping = false
  const onSignal = (signal: keyof typeof exitOf) => {
    const listener = signal === "SIGINT" ? listeners.shift() : undefined
    if (listener !== undefined) return void Effect.runFork(listener())
    if (ending === undefined && onStop !== undefined) {
      const stopNow = onStop
      onStop = undefined
      stopping = true
      return stopNow()
    }
    if (ending !== undefined || stopping) process.exit(exitOf[ending ?? signal])
    ending = signal
    Effect.runFork(Fiber.interrupt(fiber))
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => onSignal(signal))
  // The process must not end by itself while something is waited for that keeps no handle open.
  const alive = setInterval(() => {}, 2 ** 30)
  fiber.addObserver((exit) => {
    clearInterval(alive)
    process.exit(ending !== undefined ? exitOf[ending] : exit._tag === "Success" ? exit.value : exitCodes.unexpected)
  })
}
