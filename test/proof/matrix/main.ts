import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { availableParallelism } from "node:os"
import { plantNames } from "../evidence/plants.ts"
import { given } from "../given.ts"
import { NotProved, runCommand } from "../runCommand.ts"
import { operations } from "../operations/index.ts"
import { killCells } from "./kills.ts"
import { inLanes } from "./lanes.ts"
import type { Cell } from "./matrix.ts"

const widths = [26, 8, 9, 14, 10, 9]
const row = (cells: ReadonlyArray<string>) =>
  cells.map((cell, at) => at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!)).join("")

const lineOf = (operation: string, cells: ReadonlyArray<Cell>) => {
  const crashes = cells.filter(({ point }) => point !== "none")
  return row([
    operation,
    `${crashes.length}`,
    `${crashes.filter(({ reached }) => reached).length}`,
    `${crashes.filter(({ reached }) => !reached).length}`,
    `${cells.filter(({ findings }) => findings.length > 0).length}`,
    cells.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)
  ])
}

const command = Command.make(
  "crash-matrix",
  {
    operation: Flag.Literals("operation", Object.keys(operations)).pipe(
      Flag.withDescription("This operation alone"),
      Flag.optional
    ),
    point: Flag.String("point").pipe(Flag.withDescription("Only points whose names hold this"), Flag.optional),
    sample: Flag.Int("sample").pipe(Flag.withDescription("So many cells, drawn by the seed"), Flag.optional),
    profile: Flag.Literals("profile", ["embedded", "production"]).pipe(Flag.withDefault("embedded")),
    plant: Flag.Literals("plant", plantNames).pipe(
      Flag.withDescription("Put a defect into every cell, and see that it is found: exits with 1"),
      Flag.optional
    ),
    kills: Flag.Int("kills").pipe(
      Flag.withDefault(40),
      Flag.withDescription("Random cells more in which the whole process is killed, with its database and its parsers")
    ),
    seed: Flag.Int("seed").pipe(Flag.withDefault(1)),
    processes: Flag.Int("processes").pipe(
      Flag.withDefault(availableParallelism()),
      Flag.withDescription("How many operations are gone through at a time, each in a process of its own")
    ),
    json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("One line of JSON a cell"))
  },
  Effect.fnUntraced(function*({ json, kills, processes, profile, seed, ...wanted }) {
    if (!json) yield* Console.log(row(["operation", "points", "crashed", "not reached", "findings", "seconds"]))
    const cells = yield* inLanes(
      processes,
      profile,
      { seed, ...given(wanted) },
      (operation, cells) =>
        json
          ? Effect.forEach(cells, (cell) => Console.log(JSON.stringify(cell)), { discard: true })
          : Effect.andThen(Console.log(lineOf(operation, cells)), tell(cells))
    )
    const { operation } = given(wanted)
    const killed = yield* killCells(
      { count: kills, seed, processes, ...(operation !== undefined && { operation }) },
      (cell) =>
        json
          ? Console.log(JSON.stringify(cell))
          : Effect.andThen(
            Console.error(`${cell.operation}: ${cell.point}, ${cell.seconds.toFixed(1)} s`),
            tell([cell])
          )
    )
    if (!json && kills > 0) yield* Console.log(lineOf("kill -9", killed))
    cells.push(...killed)
    const broken = cells.filter(({ findings }) => findings.length > 0)
    if (broken.length > 0) {
      return yield* new NotProved({
        message: `${broken.length} of ${cells.length} cells ended otherwise (seed ${seed}).`
      })
    }
    if (!json) yield* Console.log(`All ${cells.length} cells ended as they do without a crash.`)
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    `Lets the process die at every boundary between two effects of every operation, starts it again, and compares what has become of it
with what becomes of it without a crash: tables, index and blobs, read without any of Sheaf's own code. Exits with 1 if anything differs.`
  )
)

/** The first few of what is wrong. */
const tell = (cells: ReadonlyArray<Cell>) =>
  Effect.forEach(
    cells.filter(({ findings }) => findings.length > 0).slice(0, 40),
    ({ findings, point }) =>
      Console.log(
        `    ${point}\n${findings.slice(0, 4).map((finding) => `        ${finding.slice(0, 300)}`).join("\n")}`
      ),
    { discard: true }
  )

runCommand(command)
