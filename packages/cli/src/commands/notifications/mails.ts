import { type Mail, MailState } from "@sheaf/domain/notifications/Mail"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { printable } from "../../terminal/style.ts"
import { shortened } from "../../terminal/words.ts"
import { remote } from "../handled.ts"
import { given, limit, printList } from "../listing.ts"

/** The first line, and how many there are besides. */
const saysOf = ({ counts, lines }: Mail): string => {
  const more = Object.values(counts).reduce((sum, many) => sum + many, 0) - 1
  return `${shortened(lines[0] ?? "", 80)}${more > 0 ? ` (and ${more} more)` : ""}`
}

export const mails = Command.make(
  "mails",
  {
    limit,
    state: Flag.Literals("state", MailState.literals).pipe(
      Flag.withDescription("Only those of which this has become"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ limit, state }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.notifications.everyMail(given({ state })), {
      limit,
      none: "Nothing was mailed in the last 30 days.",
      columns: {
        begun: ({ createdAt }) => createdAt.toISOString(),
        to: ({ address }) => printable(address),
        state: ({ state }) => state,
        attempts: ({ tries }) => String(tries),
        says: saysOf,
        problem: ({ problem }) => shortened(problem ?? ""),
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List what was mailed and is on its way, the newest first"),
  Command.withExamples([{ command: "sheaf notifications mails --state failed" }])
)
