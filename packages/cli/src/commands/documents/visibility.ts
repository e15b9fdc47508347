import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { remote } from "../handled.ts"
import { which } from "./arguments.ts"
import { inStep } from "./inStep.ts"
import { toMany } from "./many.ts"

type Verb = "enable" | "disable" | "archive" | "unarchive"

export const wait = Flag.Boolean("wait").pipe(
  Flag.withDescription("Wait until the search index has followed; only for what is named by its id"),
  Flag.withDefault(false)
)

const command = (verb: Verb, _tag: BulkAction["_tag"] & Capitalize<Verb>, description: string) =>
  Command.make(
    verb,
    { ...which, wait },
    remote(Effect.fnUntraced(function*({ wait, ...which }) {
      const { documents } = yield* Sheaf
      yield* toMany(which, { _tag }, (id) => Effect.map(documents[verb](id), ({ document }) => document))
      if (wait) yield* Effect.forEach(which.ids, inStep, { discard: true })
    }))
  ).pipe(
    Command.withDescription(description),
    Command.withExamples([
      { command: `sheaf documents ${verb} ID ID` },
      { command: `sheaf documents ${verb} ID --wait` },
      { command: `sheaf documents ${verb} --dataset manuals --name draft` }
    ])
  )

export const enable = command(
  "enable",
  "Enable",
  "Show documents that were disabled; searches find them when the index has them (--wait)"
)

export const disable = command(
  "disable",
  "Disable",
  "Hide documents: no search that begins when this returns finds them; nothing is lost"
)

export const archive = command("archive", "Archive", "Put documents away: hidden like disabled ones, until unarchived")

export const unarchive = command(
  "unarchive",
  "Unarchive",
  "Bring archived documents back; segments that were disabled one by one stay so"
)
