import { explainSpaceChange, type SpaceChange } from "@sheaf/domain/spaces/SpaceChange"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { remote } from "../handled.ts"
import { limit, printList, printOne } from "../listing.ts"

const named = Argument.String("dataset").pipe(Argument.withDescription("Name or id of the dataset"))

const stateOf = ({ paused, state, waitingFor }: SpaceChange): string =>
  paused ? `${state} (paused)` : waitingFor === null ? state : `${state} (waits for the ${waitingFor})`

const progressOf = ({ documents: { built, total, verified } }: SpaceChange): string =>
  `${built} of ${total} documents built, ${verified} verified`

const printChange = (change: SpaceChange) =>
  printOne(change, {
    id: change.id,
    state: stateOf(change),
    from: `${change.from.model} (${change.from.id})`,
    to: `${change.to.model} (${change.to.id})`,
    progress: progressOf(change),
    segments: change.segments,
    cause: change.cause === null ? null : explainSpaceChange(change.cause),
    begun: change.createdAt,
    ended: change.endedAt,
    cleared: change.clearedAt,
    removed: change.removed
  })

const steering = ["pause", "resume", "cancel", "retry"] as const

const start = Command.make(
  "change-space",
  {
    dataset: named,
    space: Flag.String("space").pipe(
      Flag.withDescription("Id of the space to move to. Default: that of the server's embedder"),
      Flag.optional
    ),
    do: Flag.Literals("do", ["start", ...steering]).pipe(
      Flag.withDescription("What to do: begin a move, or steer the newest one of the dataset"),
      Flag.withDefault("start" as const)
    )
  },
  remote(Effect.fnUntraced(function*({ dataset, do: what, space }) {
    const output = yield* Output
    const { spaceChanges } = yield* Sheaf
    if (what === "start") {
      const spaceId = Option.getOrUndefined(space)
      yield* printChange(yield* spaceChanges.start(dataset, spaceId === undefined ? {} : { spaceId }))
      return yield* output.note(
        "The old space serves until the new one is complete. `sheaf datasets space-changes` shows how far it is."
      )
    }
    const [newest] = (yield* spaceChanges.list({ dataset, limit: 1 })).items
    if (newest === undefined) {
      return yield* new Misused({ message: "That dataset has never been moved.", hint: "Leave --do out to begin." })
    }
    yield* printChange(yield* spaceChanges[what](newest.id))
  }))
).pipe(
  Command.withDescription("Move a dataset to another embedding model, while the old one serves"),
  Command.withExamples([
    { command: "sheaf datasets change-space manuals", description: "To the model that the server embeds with now" },
    { command: "sheaf datasets change-space manuals --do pause" },
    { command: "sheaf datasets change-space manuals --do cancel", description: "Stay where it is; what was built goes" }
  ])
)

const list = Command.make(
  "space-changes",
  { dataset: named, limit },
  remote(Effect.fnUntraced(function*({ dataset, limit }) {
    const { spaceChanges } = yield* Sheaf
    yield* printList(spaceChanges.all({ dataset }), {
      limit,
      none: "That dataset has never been moved to another space.",
      columns: {
        state: stateOf,
        from: ({ from }) => from.model,
        to: ({ to }) => to.model,
        progress: progressOf,
        begun: ({ createdAt }) => createdAt.toISOString(),
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List a dataset's moves to other embedding models, the newest first"),
  Command.withExamples([{ command: "sheaf datasets space-changes manuals --json" }])
)

export const spaceCommands = [start, list] as const
