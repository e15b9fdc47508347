import { Console, Effect, Random } from "effect"
import { Command, Flag } from "effect/cli"
import { plantNames } from "../evidence/plants.ts"
import { given } from "../given.ts"
import { NotProved, runCommand } from "../runCommand.ts"
import { meetAll, prepare } from "./interleavings.ts"

const command = Command.make(
  "interleavings",
  {
    runs: Flag.Int("runs").pipe(
      Flag.withDefault(20),
      Flag.withDescription("Of each pair; half of them with every hint doubled")
    ),
    only: Flag.String("only").pipe(Flag.withDescription("Pairs with this operation alone"), Flag.optional),
    plant: Flag.Literals("plant", plantNames).pipe(
      Flag.withDescription("Put a defect in, and see that it is found: exits with 1"),
      Flag.optional
    ),
    seed: Flag.Int("seed").pipe(Flag.withDefault(1)),
    json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("One line of JSON a run"))
  },
  Effect.fnUntraced(function*({ json, runs, seed, ...wanted }) {
    const results = yield* meetAll(yield* prepare, {
      runs,
      ...given(wanted),
      onResult: (result) =>
        json
          ? Console.log(JSON.stringify(result))
          : result.findings.length === 0
          ? Effect.void
          : Console.log(
            `${result.operations.join(" + ")}\n${result.findings.slice(0, 5).map((line) => `    ${line}`).join("\n")}`
          )
    }).pipe(Random.withSeed(seed))
    const broken = results.filter(({ findings }) => findings.length > 0)
    if (broken.length > 0) {
      return yield* new NotProved({
        message: `${broken.length} of ${results.length} runs do not hold together (seed ${seed}).`
      })
    }
    yield* json ? Effect.void : Console.log(`All ${results.length} runs hold together.`)
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    `Does every two things to one document at the same time, on PostgreSQL with JetStream, and judges what has become of it: tables, index
and blobs, read without any of Sheaf's own code. Exits with 1 if anything does not hold together.`
  )
)

runCommand(command)
