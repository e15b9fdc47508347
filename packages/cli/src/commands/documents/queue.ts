import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { duration } from "../../terminal/words.ts"
import { remote } from "../handled.ts"
import { printOne } from "../listing.ts"
import { id } from "./arguments.ts"

export const queue = Command.make(
  "queue",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    const place = yield* sheaf.documents.queue(id)
    const { ahead, estimatedSeconds, lane, measured, status, working } = place
    yield* printOne(place, {
      status,
      lane,
      working: lane === null ? null : working ? "yes" : "no",
      "documents before it": lane === null ? null : ahead.documents,
      "jobs before it": lane === null ? null : ahead.jobs,
      "done in about": estimatedSeconds === null
        ? lane === null ? null : "cannot be said yet"
        : `${duration(estimatedSeconds * 1_000)} (as the last ${measured} documents took)`
    })
  }))
).pipe(
  Command.withDescription("Show what is before a document in the queue, and how long it may take"),
  Command.withExamples([{ command: "sheaf documents queue ID" }])
)
