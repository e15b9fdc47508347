import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { printable } from "../terminal/style.ts"
import { remote } from "./handled.ts"
import { limit, printList } from "./listing.ts"

const list = Command.make(
  "list",
  {
    state: Flag.Literals("state", ["accepted", "rejected"]).pipe(
      Flag.withDescription("Only the events of which something came, or only those of which nothing will"),
      Flag.optional
    ),
    limit
  },
  remote(Effect.fnUntraced(function*({ limit, state }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.ingestEvents.all(Option.isSome(state) ? { state: state.value } : {}), {
      limit,
      none: Option.isSome(state) ? `No event was ${state.value}.` : "No events came in.",
      columns: {
        event: (record) => record.eventId,
        state: (record) => record.state,
        decided: (record) => record.decidedAt.toISOString(),
        name: (record) => printable(record.name ?? ""),
        result: ({ outcome }) =>
          outcome._tag === "Accepted" ? outcome.documentId : printable(`${outcome.reason._tag}: ${outcome.message}`)
      }
    })
  }))
).pipe(
  Command.withDescription("List what other services sent over NATS in the last 30 days, newest first"),
  Command.withExamples([{ command: "sheaf ingest-events list --state rejected" }])
)

export const ingestEvents = Command.make("ingest-events").pipe(
  Command.withDescription("See what became of the documents that other services sent over NATS"),
  Command.withSubcommands([list])
)
