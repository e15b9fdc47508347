import { Clock, Effect, Schema } from "effect"
import * as ChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import { difference } from "../evidence/canonical.ts"
import { operations } from "../operations/index.ts"
import { temporaryFolder } from "../../support/temporaryFolder.ts"
import { NotProved } from "../runCommand.ts"
import { type Cell, draw } from "./matrix.ts"

const program = fileURLToPath(new URL("../programs/mortal.ts", import.meta.url))

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(
  Schema.Struct({ points: Schema.Array(Schema.String), state: Schema.Array(Schema.String) })
))

/** What a process says at its end; nothing if it was killed. */
const run = (home: string, operation: string, point?: string) =>
  Effect.callback<ReturnType<typeof decode> | undefined, NotProved>((resume) => {
    const args = [program, home, operation, ...(point === undefined ? [] : [point])]
    const child = ChildProcess.spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
    let [said, complained] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => said += text)
    child.stderr.setEncoding("utf8").on("data", (text: string) => complained += text)
    child.once("close", (code, signal) =>
      resume(
        signal === "SIGKILL"
          ? Effect.undefined
          : code === 0
          ? Effect.succeed(decode(said))
          : Effect.fail(
            new NotProved({ message: `${operation} ended with ${code}: ${(said + complained).trim().slice(-500)}` })
          )
      ))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Random cells in which the whole process is killed, with its database and its parsers, and another one goes on in its folder. */
export const killCells = Effect.fn("matrix.killCells")(function*<R>(
  { count, operation, processes, seed }: {
    readonly count: number
    readonly operation?: string
    readonly processes: number
    readonly seed: number
  },
  onCell: (cell: Cell) => Effect.Effect<void, never, R>
) {
  const names = Object.keys(operations).filter((name) => operation === undefined || name === operation)
  const drawn = Array.from({ length: count }, (_, at) => draw(names, 1, seed * 1_000 + at)[0]!)
  const cells: Array<Cell> = []
  const goThrough = Effect.fnUntraced(function*(name: string, times: number) {
    const expected = yield* Effect.scoped(Effect.flatMap(temporaryFolder("mortal"), (home) => run(home, name)))
    for (const point of draw(expected?.points ?? [], times, seed)) {
      const begun = yield* Clock.currentTimeMillis
      const { findings, reached } = yield* Effect.gen(function*() {
        const home = yield* temporaryFolder("mortal")
        const first = yield* run(home, name, point)
        const last = first ?? (yield* run(home, name))
        return { reached: first === undefined, findings: difference(expected?.state ?? [], last?.state ?? []) }
      }).pipe(
        Effect.scoped,
        Effect.catch((error) => Effect.succeed({ reached: true, findings: [error.message] }))
      )
      const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1_000
      const cell = { operation: name, point: `kill -9 at ${point}`, reached, findings, seconds }
      yield* onCell(cell)
      cells.push(cell)
    }
  })
  const groups = [...Map.groupBy(drawn, (name) => name)]
  yield* Effect.forEach(groups, ([name, times]) => goThrough(name, times.length), {
    concurrency: processes,
    discard: true
  })
  return cells
})
