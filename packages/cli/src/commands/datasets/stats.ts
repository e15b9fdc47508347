import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { bytes, duration } from "../../terminal/words.ts"
import { remote } from "../handled.ts"
import { printOne } from "../listing.ts"

export const stats = Command.make(
  "stats",
  { dataset: Argument.String("dataset").pipe(Argument.withDescription("Name or id of the dataset")) },
  remote(Effect.fnUntraced(function*({ dataset }) {
    const sheaf = yield* Sheaf
    const figures = yield* sheaf.datasets.statistics(dataset)
    const statuses = Object.entries(figures.byStatus).filter(([, documents]) => documents > 0)
    yield* printOne(figures, {
      documents: figures.documents,
      ...Object.fromEntries(statuses.map(([status, documents]) => [`  ${status}`, documents])),
      pages: figures.pages,
      segments: figures.segments,
      tokens: figures.tokens,
      size: bytes(figures.bytes),
      "work on them": duration(figures.processingMs),
      "last ingested": figures.lastIngestedAt
    })
  }))
).pipe(
  Command.withDescription("Show figures of a dataset, counted from its documents"),
  Command.withExamples([{ command: "sheaf datasets stats manuals --json" }])
)
