import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import { RetryUnits } from "@sheaf/domain/runs/RunSettings"
import { type DocumentsService, Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Output } from "../../terminal/Output.ts"
import { remote } from "../handled.ts"
import { whichDataset } from "../whichDataset.ts"
import { lane, which } from "./arguments.ts"
import { toMany } from "./many.ts"

/** A verb without options of its own. */
const simple = (
  verb: "cancel" | "pause" | "resume",
  action: BulkAction,
  description: string,
  toOne: (documents: DocumentsService) => (id: string) => ReturnType<DocumentsService[typeof verb]>
) =>
  Command.make(
    verb,
    which,
    remote(Effect.fnUntraced(function*(which) {
      const { documents } = yield* Sheaf
      yield* toMany(which, action, toOne(documents))
    }))
  ).pipe(
    Command.withDescription(description),
    Command.withExamples([
      { command: `sheaf documents ${verb} ID ID` },
      { command: `sheaf documents ${verb} --dataset manuals --status queuing --status indexing` }
    ])
  )

export const cancel = simple(
  "cancel",
  { _tag: "Cancel" },
  "Stop building documents for good; a version that was published goes on serving",
  (documents) => (id) => documents.cancel(id)
)

export const pause = simple(
  "pause",
  { _tag: "Pause" },
  "Hold up what is being built until it is resumed",
  (documents) => (id) => documents.pause(id)
)

export const resume = simple(
  "resume",
  { _tag: "Resume" },
  "Go on with what was paused",
  (documents) => (id) => documents.resume(id)
)

export const retry = Command.make(
  "retry",
  {
    ...which,
    units: Flag.Literals("units", RetryUnits.literals).pipe(
      Flag.withDescription("`all` parses every page again; by default what an earlier run made is used again"),
      Flag.withDefault("failed")
    ),
    failed: Flag.Boolean("failed").pipe(
      Flag.withDescription("Every document of the dataset that failed: short for --status error"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ failed, units, ...which }) {
    const output = yield* Output
    const { documents } = yield* Sheaf
    const chosen = failed
      ? { ...which, status: ["error" as const], dataset: Option.some(yield* whichDataset(which.dataset)) }
      : which
    yield* toMany(chosen, { _tag: "Retry", units }, (id) => documents.retry(id, { units }))
    yield* output.note("`sheaf watch` shows how it goes.")
  }))
).pipe(
  Command.withDescription("Build documents again; what an earlier run made is reused"),
  Command.withExamples([
    { command: "sheaf documents retry ID" },
    { command: "sheaf documents retry --failed --dataset manuals" }
  ])
)

export const prioritise = Command.make(
  "prioritise",
  { ...which, lane: Flag.withDefault(lane, "interactive") },
  remote(Effect.fnUntraced(function*({ lane, ...which }) {
    const { documents } = yield* Sheaf
    yield* toMany(which, { _tag: "Prioritise", lane }, (id) => documents.prioritise(id, lane))
  }))
).pipe(
  Command.withDescription("Let what is being built go first, or with --lane bulk let everything else go first"),
  Command.withExamples([{ command: "sheaf documents prioritise ID" }])
)
