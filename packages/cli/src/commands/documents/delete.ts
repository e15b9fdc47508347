import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { remote } from "../handled.ts"
import { which } from "./arguments.ts"
import { toMany } from "./many.ts"

export const remove = Command.make(
  "delete",
  {
    ...which,
    yes: Flag.Boolean("yes").pipe(
      Flag.withAlias("y"),
      Flag.withDescription("With --dataset: yes, whatever fits"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ yes, ...which }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const { ids } = which
    if (ids.length > 0 && Option.isNone(which.dataset) && !which.background) {
      yield* Effect.forEach(ids, (id) => sheaf.documents.delete(id), { concurrency: 4 })
      return yield* output.result({ items: ids.map((id) => ({ id, deleted: true })) }, () => ids.join("\n"))
    }
    if (Option.isSome(which.dataset) && !yes) {
      return yield* new Misused({
        message: "This deletes every document of the dataset that fits.",
        hint: "Look at them with `sheaf documents list`, then pass --yes."
      })
    }
    yield* toMany(which, { _tag: "Delete" }, (id) => sheaf.documents.delete(id))
  }))
).pipe(
  Command.withDescription("Delete documents; nobody finds them any more when this returns"),
  Command.withExamples([
    { command: "sheaf documents delete ID ID" },
    { command: "sheaf documents delete --dataset manuals --status error --yes" }
  ])
)
