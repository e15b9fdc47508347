import { sections } from "@sheaf/adapters/settings/sections"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { read } from "../settings/chosen.ts"
import { Output } from "../terminal/Output.ts"
import { table } from "../terminal/table.ts"
import { local } from "./handled.ts"

export const config = Command.make(
  "config",
  {},
  local(Effect.fnUntraced(function*() {
    const { note, noteStyle, result } = yield* Output
    const { readings, warnings } = yield* read()
    yield* Effect.forEach(warnings, (warning) => note(`${noteStyle.yellow("warning:")} ${warning}`))
    const found = new Map(readings.map((reading) => [reading.variable.name, reading]))
    const rows = sections.flatMap(({ variables }) =>
      variables.map(({ name }) => ({
        variable: name,
        value: found.get(name)?.shown ?? "",
        from: found.get(name)?.origin ?? "default"
      }))
    )
    yield* result(
      { type: "result", variables: rows, warnings },
      () =>
        table(
          ["variable", "from", "value"],
          rows.map(({ from, value, variable }) => [variable, value === "" ? "-" : from, value === "" ? "-" : value])
        )
    )
  }))
).pipe(
  Command.withDescription(
    "Print the settings that are in force and where each comes from: the environment, a file, the command line or the default. Secrets are not shown. docs/configuration.md explains every variable."
  ),
  Command.withShortDescription("Print the settings in force and where they come from"),
  Command.withExamples([{ command: "sheaf config" }, { command: "sheaf config --json" }])
)
