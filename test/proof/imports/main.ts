import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { NotProved, runCommand } from "../runCommand.ts"
import { storm } from "./storm.ts"

const command = Command.make(
  "imports",
  {
    rows: Flag.Int("rows").pipe(Flag.withDefault(10_000), Flag.withDescription("Rows of the file, 100,000 at most")),
    kills: Flag.Int("kills").pipe(
      Flag.withDefault(3),
      Flag.withDescription("Deaths of the process, one after the other")
    ),
    seed: Flag.Int("seed").pipe(Flag.withDefault(1)),
    json: Flag.Boolean("json").pipe(Flag.withDefault(false))
  },
  Effect.fnUntraced(function*({ json, ...options }) {
    const { findings, ...figures } = yield* storm({
      ...options,
      onDeath: (at) => json ? Effect.void : Console.log(`died at ${at}`)
    })
    yield* Console.log(
      json
        ? JSON.stringify({ ...figures, findings })
        : `${figures.created} created, ${figures.skipped} skipped, ${figures.failed} failed; ${figures.refused} refusals of the embedder,
${figures.embedded} questions embedded, ${figures.again} of them again; ${figures.rowsPerSecond} rows/s, ${
          figures.seconds.toFixed(0)
        } s in all`
    )
    if (findings.length > 0) {
      return yield* new NotProved({ message: `${findings.join("\n")}\nRepeat with --seed ${options.seed}.` })
    }
    yield* json ? Effect.void : Console.log("Every row once, every question paid for once.")
  })
).pipe(
  Command.withDescription(
    `Imports a file of questions into an app while the embedder refuses in bursts and the process dies again and again, and looks what became
of every row. Exits with 1 where one is lost, doubled or miscounted, or a question is paid for without need.`
  )
)

runCommand(command)
