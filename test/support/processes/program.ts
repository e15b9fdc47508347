import { Effect, Queue } from "effect"
import type { Cause } from "effect"
import * as ChildProcess from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** A program of `test/support/programs` as a process of its own, killed with the scope. */
export const start = Effect.fn("program.start")(function*(name: string, args: ReadonlyArray<string>) {
  const path = fileURLToPath(new URL(`../programs/${name}`, import.meta.url))
  const lines = yield* Queue.unbounded<string, Cause.Done>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => ChildProcess.spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const reader = createInterface({ input: child.stdout })
  reader.on("line", (line) => Queue.offerUnsafe(lines, line))
  reader.on("close", () => Queue.endUnsafe(lines))
  return {
    pid: Number(child.pid),
    /** What it prints; ends with it. */
    lines,
    /** Sends the signal and waits for the end. */
    kill: (signal: NodeJS.Signals) =>
      Effect.andThen(Effect.sync(() => child.kill(signal)), Effect.promise(() => exited))
  }
})
