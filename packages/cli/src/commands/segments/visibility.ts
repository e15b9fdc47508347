import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { Output } from "../../terminal/Output.ts"
import { count } from "../../terminal/words.ts"
import { inStep } from "../documents/inStep.ts"
import { wait } from "../documents/visibility.ts"
import { remote } from "../handled.ts"

const command = (verb: "enable" | "disable", done: string, description: string) =>
  Command.make(
    verb,
    {
      document: Argument.String("document").pipe(Argument.withDescription("Id of the document")),
      segments: Argument.String("segment").pipe(
        Argument.withDescription("Ids of segments, up to 10,000"),
        Argument.atLeast(1)
      ),
      wait
    },
    remote(Effect.fnUntraced(function*({ document: documentId, segments: segmentIds, wait }) {
      const output = yield* Output
      const sheaf = yield* Sheaf
      const answer = yield* sheaf.segments[verb]({ documentId, segmentIds })
      yield* output.result(answer, () => `${count(answer.changed, "segment")} ${done}`)
      for (const id of answer.missing) yield* output.note(`The published version has no segment ${id}.`)
      if (wait) yield* inStep(documentId)
    }))
  ).pipe(
    Command.withDescription(description),
    Command.withExamples([
      { command: `sheaf segments ${verb} DOCUMENT SEGMENT SEGMENT` },
      { command: `sheaf segments ${verb} DOCUMENT SEGMENT --wait --json` }
    ])
  )

export const enable = command(
  "enable",
  "enabled",
  "Show segments that were disabled; searches find them when the index has them (--wait)"
)

export const disable = command(
  "disable",
  "disabled",
  "Hide segments: no search that begins when this returns finds them"
)
