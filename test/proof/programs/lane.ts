import { NodeServices } from "@effect/platform-node"
import { Cause, Effect, Queue, Stream } from "effect"
import type { Asked } from "../matrix/lanes.ts"
import { cellsOf } from "../matrix/matrix.ts"
import { makeStages } from "../matrix/stages.ts"
import type { Profile } from "../world/Installation.ts"

// Goes through operations of the crash matrix as it is asked to, until nobody asks any more.

const profile = process.argv[2] as Profile
const asked = Effect.runSync(Queue.unbounded<Asked, Cause.Done>())
process.on("message", (task: Asked) => Queue.offerUnsafe(asked, task))
process.once("disconnect", () => Queue.endUnsafe(asked))

const answer = (message: unknown) => Effect.sync(() => void process.send?.(message))

Effect.gen(function*() {
  const nextStage = yield* makeStages(profile)
  yield* Stream.runForEach(Stream.fromQueue(asked), ({ selection, task }) =>
    cellsOf(nextStage, task, selection).pipe(
      Effect.flatMap(answer),
      Effect.catchCause((cause) => answer(Cause.pretty(cause)))
    ))
}).pipe(
  Effect.scoped,
  Effect.provide(NodeServices.layer),
  // What was left in dead processes never comes to an end by itself.
  Effect.ensuring(Effect.sync(() => process.exit(0))),
  Effect.runFork
)
