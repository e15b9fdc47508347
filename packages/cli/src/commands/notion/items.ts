import { SyncItemState } from "@sheaf/domain/syncs/SyncItem"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Output } from "../../terminal/Output.ts"
import { printable } from "../../terminal/style.ts"
import { remote } from "../handled.ts"
import { limit, printList } from "../listing.ts"
import { describeResult } from "./words.ts"
import { repeated } from "../../settings/repeated.ts"

const list = Command.make(
  "list",
  {
    source: Argument.String("source").pipe(Argument.withDescription("Id of the source")),
    state: Flag.Literals("state", SyncItemState.literals).pipe(
      Flag.withDescription("Only pages in this state; may be given several times"),
      repeated
    ),
    limit
  },
  remote(Effect.fnUntraced(function*({ limit, source, state }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.syncs.everyItem(source, state.length === 0 ? {} : { state }), {
      limit,
      none: "There are no such pages.",
      columns: {
        title: ({ title }) => printable(title),
        state: ({ state }) => state,
        last: ({ lastResult }) => lastResult === null ? "" : printable(describeResult(lastResult)),
        item: ({ id }) => id,
        document: ({ documentId }) => documentId ?? ""
      }
    })
  }))
).pipe(
  Command.withDescription("List the pages that a source follows"),
  Command.withExamples([{ command: "sheaf notion items list SOURCE --state unreachable" }])
)

const setting = (name: "pause" | "resume", description: string) =>
  Command.make(
    name,
    { id: Argument.String("item").pipe(Argument.withDescription("Id of the item")) },
    remote(Effect.fnUntraced(function*({ id }) {
      const output = yield* Output
      const sheaf = yield* Sheaf
      const item = yield* sheaf.syncs[name](id)
      yield* output.result(item, () => `${item.state}  ${printable(item.title)}`)
    }))
  ).pipe(
    Command.withDescription(description),
    Command.withExamples([{ command: `sheaf notion items ${name} ITEM` }])
  )

export const items = Command.make("items").pipe(
  Command.withDescription("See the pages that a dataset follows, and leave some of them alone"),
  Command.withSubcommands([
    list,
    setting("pause", "Leave a document as it is, whatever becomes of its page"),
    setting("resume", "Follow a page again")
  ])
)
