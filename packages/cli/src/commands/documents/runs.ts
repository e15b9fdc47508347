import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { stagesOf } from "../../progress/lines.ts"
import { printable } from "../../terminal/style.ts"
import { remote } from "../handled.ts"
import { limit, printList } from "../listing.ts"
import { id } from "./arguments.ts"

export const runs = Command.make(
  "runs",
  { id, limit },
  remote(Effect.fnUntraced(function*({ id, limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.documents.everyRun(id), {
      limit,
      none: "It has no runs.",
      columns: {
        run: (run) => String(run.number),
        why: (run) => run.begunBy?.why ?? "",
        started: (run) => run.startedAt?.toISOString() ?? "",
        finished: (run) => run.finishedAt?.toISOString() ?? "",
        spent: (run) => stagesOf(run.timings),
        "left out": (run) => run.warnings.length === 0 ? "" : String(run.warnings.length),
        "how it stands": (run) => printable(run.message)
      }
    })
  }))
).pipe(
  Command.withDescription("List every attempt to build a document, newest first"),
  Command.withExamples([{ command: "sheaf documents runs ID" }])
)
