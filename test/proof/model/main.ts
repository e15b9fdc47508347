import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { plantNames } from "../evidence/plants.ts"
import { given } from "../given.ts"
import { NotProved, runCommand } from "../runCommand.ts"
import { checkModel, prepare } from "./checkModel.ts"

const command = Command.make(
  "model",
  {
    runs: Flag.Int("runs").pipe(Flag.withDefault(100), Flag.withDescription("Sequences of steps")),
    seed: Flag.Int("seed").pipe(Flag.withDefault(1)),
    profile: Flag.Literals("profile", ["embedded", "production"]).pipe(Flag.withDefault("embedded")),
    plant: Flag.Literals("plant", plantNames).pipe(
      Flag.withDescription("Put a defect in, and see that it is found: exits with 1"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ plant, profile, ...options }) {
    const ground = yield* prepare(profile)
    const failure = yield* checkModel(ground, { ...options, shrink: true, ...given({ plant }) })
    if (failure !== undefined) return yield* new NotProved({ message: failure })
    yield* Console.log(`${options.runs} sequences ended as in the model (seed ${options.seed}).`)
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    `Does anything in any order with the documents of two tenants, crashes among it, and compares what readers see, the states, the counts,
index and blobs with a simple model. Prints the shortest sequence that ends otherwise, and exits with 1.`
  )
)

runCommand(command)
