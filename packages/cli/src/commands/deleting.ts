import { Sheaf, type SheafService } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { type Argument, Command } from "effect/cli"
import { Output } from "../terminal/Output.ts"
import { remote } from "./handled.ts"

/** `sheaf AREA delete ID`, for what is gone when the call returns. */
export const deleting = <E>(
  area: string,
  id: Argument.Argument<string>,
  description: string,
  call: (sheaf: SheafService, id: string) => Effect.Effect<unknown, E>
) =>
  Command.make(
    "delete",
    { id },
    remote(Effect.fnUntraced(function*({ id }) {
      const output = yield* Output
      yield* call(yield* Sheaf, id)
      yield* output.result({ id, deleted: true }, () => id)
    }))
  ).pipe(
    Command.withDescription(description),
    Command.withExamples([{ command: `sheaf ${area} delete ID` }])
  )
