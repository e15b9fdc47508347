import { Effect, Queue } from "effect"
import type { Cause } from "effect"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { LoopDelay, Said } from "../programs/loopDelay.ts"

interface Program {
  readonly pid: number
  /** What it said when it was ready. */
  readonly ready: unknown
  readonly tell: (message: string) => Effect.Effect<void>
  readonly resetLoop: Effect.Effect<void>
  /** Of the time since the last reset. */
  readonly loop: Effect.Effect<LoopDelay>
}

/** Starts a program of `bench/programs` as a process of its own, waits until it is ready, and stops it with the scope. */
export const start = Effect.fn("Program.start")(function*(
  name: string,
  args: ReadonlyArray<string> = [],
  flags: ReadonlyArray<string> = []
) {
  const path = fileURLToPath(new URL(`../programs/${name}`, import.meta.url))
  const said = yield* Queue.unbounded<Said, Cause.Done>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      fork(path, [...args], {
        execArgv: [...flags],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        serialization: "advanced"
      })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        const forced = setTimeout(() => child.kill("SIGKILL"), 10_000)
        child.once("exit", () => {
          clearTimeout(forced)
          resume(Effect.void)
        })
        child.kill("SIGTERM")
      })
  )
  // Only what the programs of this folder send comes in here.
  child.on("message", (message) => Queue.offerUnsafe(said, message as Said))
  child.once("exit", () => Queue.endUnsafe(said))
  const next = Queue.take(said).pipe(Effect.mapError(() => new Error(`${name} ended before it answered`)), Effect.orDie)
  const first = yield* next
  const tell = (message: string) => Effect.sync(() => void child.send(message))
  const loop = Effect.andThen(
    tell("read"),
    Effect.flatMap(
      next,
      (reply) =>
        "delay" in reply ? Effect.succeed(reply.delay) : Effect.die(new Error(`${name} said ${JSON.stringify(reply)}`))
    )
  )
  const program: Program = {
    pid: child.pid!,
    ready: "ready" in first ? first.ready : undefined,
    tell,
    resetLoop: tell("reset"),
    loop
  }
  return program
})
