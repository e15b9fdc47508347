import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { CommandLine } from "../terminal/CommandLine.ts"
import { exitCodes, Misused } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import { table } from "../terminal/table.ts"
import { version } from "../version.ts"
import { local } from "./handled.ts"

/** Of a description, what fits beside a name. */
const shortened = (text: string) => {
  const line = text.split(/\n|; /)[0]!
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}

export const help = Command.make(
  "help",
  {
    command: Argument.String("command").pipe(
      Argument.withDescription("Only commands that begin so, like `datasets`"),
      Argument.variadic()
    )
  },
  local(Effect.fnUntraced(function*({ command }) {
    const output = yield* Output
    const line = yield* CommandLine
    const wanted = command.join(" ")
    const commands = (yield* line.commands).filter((doc) =>
      wanted === "" || doc.command === wanted || doc.command.startsWith(`${wanted} `)
    )
    if (commands.length === 0) {
      return yield* new Misused({ message: `There is no command ${wanted}.`, hint: "`sheaf help` lists all of them." })
    }
    yield* output.value({ version, globalFlags: yield* line.globalFlags, exitCodes, commands })
    yield* output.text(table(
      ["COMMAND", "WHAT IT DOES"],
      commands.map(({ command, description }) => [command, shortened(description)])
    ))
    if (!output.json) yield* output.note("`sheaf COMMAND --help` says more of each.")
  }))
).pipe(
  Command.withDescription(
    "List all commands; with --json, everything that they take: arguments, flags, examples and exit codes, for scripts and agents"
  ),
  Command.withShortDescription("List all commands, with --json for programs"),
  Command.withExamples([{ command: "sheaf help" }, { command: "sheaf help datasets --json" }])
)
