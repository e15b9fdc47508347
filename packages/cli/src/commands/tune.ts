import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { chosen } from "../settings/chosen.ts"
import { readSet } from "../tune/readSet.ts"
import { local } from "./handled.ts"

export const tune = Command.make(
  "tune",
  {
    folder: Argument.String("folder").pipe(
      Argument.withDescription(
        "With docs.jsonl {id, title?, text}, queries.jsonl {id, text} and qrels.tsv (query, doc, grade)"
      )
    )
  },
  local(Effect.fnUntraced(function*({ folder }) {
    const set = yield* readSet(folder)
    const settings = yield* chosen
    // Loaded only here: it brings the model along.
    const { searchGrid } = yield* Effect.promise(() => import("../tune/search.ts"))
    yield* searchGrid(set, settings)
  }))
).pipe(
  Command.withDescription(
    "Find the weight of the vectors and the floor of their cosine for this embedding model: the two settings of a hybrid search"
  ),
  Command.withShortDescription("Find the settings of hybrid search for an embedding model"),
  Command.withExamples([{ command: "sheaf tune ./judged-questions" }, {
    command: "sheaf tune ./judged-questions --json"
  }])
)
