import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { Output } from "../../terminal/Output.ts"
import { table } from "../../terminal/table.ts"
import { remote } from "../handled.ts"

export const fields = Command.make(
  "fields",
  { dataset: Argument.String("dataset").pipe(Argument.withDescription("Name or id of the dataset")) },
  remote(Effect.fnUntraced(function*({ dataset }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const items = yield* sheaf.datasets.fields(dataset)
    if (items.length === 0 && !output.json) return yield* output.note("No rows of tables have fields here.")
    yield* output.result(
      { items },
      () =>
        table(["FIELD", "TYPE", "DOCUMENTS"], items.map(({ documents, name, type }) => [name, type, String(documents)]))
    )
  }))
).pipe(
  Command.withDescription("List what rows of a dataset's tables have by name, and in how many documents"),
  Command.withExamples([{ command: "sheaf datasets fields stock" }])
)
