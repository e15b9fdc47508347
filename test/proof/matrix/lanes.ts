import { Effect } from "effect"
import * as ChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import { NotProved } from "../runCommand.ts"
import type { Profile } from "../world/Installation.ts"
import { type Cell, type Selection, type Task, tasksOf } from "./matrix.ts"

const program = fileURLToPath(new URL("../programs/lane.ts", import.meta.url))

/** What a lane is asked; it answers with the cells, or with what went wrong as text. */
export interface Asked {
  readonly task: Task
  readonly selection: Selection
}

/** Goes through the matrix in so many processes, each with installations of its own; `onCells` hears of each operation when it is done. */
export const inLanes = Effect.fn("matrix.inLanes")(function*<R>(
  count: number,
  profile: Profile,
  selection: Selection,
  onCells: (operation: string, cells: ReadonlyArray<Cell>) => Effect.Effect<void, never, R>
) {
  const waiting = [...tasksOf(selection)]
  const all: Array<Cell> = []
  const lane = Effect.gen(function*() {
    const child = yield* start(profile)
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const cells = yield* ask(child, { task, selection })
      yield* onCells(task.operation, cells)
      all.push(...cells)
    }
  })
  const lanes = Array.from({ length: Math.min(count, waiting.length) }, () => Effect.scoped(lane))
  yield* Effect.all(lanes, { concurrency: "unbounded", discard: true })
  return all
})

const start = (profile: Profile) =>
  Effect.acquireRelease(
    Effect.sync(() => ChildProcess.fork(program, [profile], { stdio: ["ignore", "inherit", "inherit", "ipc"] })),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.disconnect()
      })
  )

const ask = (child: ChildProcess.ChildProcess, asked: Asked) =>
  Effect.callback<ReadonlyArray<Cell>, NotProved>((resume) => {
    const { operation } = asked.task
    const fail = (what: string) => resume(Effect.fail(new NotProved({ message: `${operation}: ${what}` })))
    const ended = (code: number | null, signal: string | null) => fail(`its process ended with ${signal ?? code}`)
    child.once("exit", ended)
    child.once("message", (answer: ReadonlyArray<Cell> | string) => {
      child.off("exit", ended)
      if (typeof answer === "string") fail(answer)
      else resume(Effect.succeed(answer))
    })
    child.send(asked)
  })
