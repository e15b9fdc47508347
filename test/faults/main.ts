import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Data, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Production from "../support/production/Production.ts"
import { faults } from "./faults.ts"
import { isSound, kinds } from "./judge.ts"
import { plants } from "./plants.ts"
import { header, row } from "./report.ts"
import { trial } from "./trial.ts"

/** Said already, in the table. */
class NotSound extends Data.TaggedError("NotSound")<{ readonly message: string }> {}

const names = faults.map(({ name }) => name)

const command = Command.make(
  "faults",
  {
    only: Argument.Literals("fault", names).pipe(
      Argument.withDescription("What goes wrong. Default: everything, one after the other, then all at once"),
      Argument.variadic()
    ),
    documents: Flag.Int("documents").pipe(Flag.withDefault(50), Flag.withDescription("Documents per fault")),
    workers: Flag.Int("workers").pipe(Flag.withDefault(2), Flag.withDescription("Processes that work")),
    seed: Flag.Int("seed").pipe(Flag.withDefault(1), Flag.withDescription("Other documents for another seed")),
    plant: Flag.Literals("plant", Object.keys(plants) as ReadonlyArray<keyof typeof plants>).pipe(
      Flag.withDescription("Put a defect in, and see that it is found: exits with 1"),
      Flag.optional
    ),
    json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("One line of JSON a fault"))
  },
  Effect.fnUntraced(function*({ documents, json, only, plant, seed, workers }) {
    const note = (text: string) => json ? Effect.void : Console.error(text)
    const wanted = only.length > 0
      ? only
      : Option.isSome(plant)
      ? ["nothing"]
      : names
    yield* note("Starting the production profile on this machine:")
    const production = yield* Production.start({ workers, batchMs: 150, onProgress: (part) => note(`  ${part}`) })
    if (!json) yield* Console.log(header)
    let broken = 0
    for (const [at, fault] of faults.filter(({ name }) => wanted.includes(name)).entries()) {
      const verdict = yield* trial(production, fault, {
        documents,
        seed: seed * 1_000 + at,
        size: "full",
        ...(Option.isSome(plant) && { plant: plants[plant.value] })
      })
      if (!isSound(verdict.findings)) broken++
      yield* Console.log(json ? JSON.stringify(verdict) : row(verdict))
      if (!json) {
        yield* Effect.forEach(
          kinds,
          (kind) =>
            Effect.forEach(verdict.findings[kind].slice(0, 5), (finding) => Console.log(`    ${kind}: ${finding}`))
        )
      }
    }
    if (broken > 0) return yield* new NotSound({ message: `${broken} of ${wanted.length} left something behind.` })
    yield* note("Nothing lost, nothing twice, nothing left over.")
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    `Breaks the production profile while documents are being ingested, and counts afterwards what is there, without any of Sheaf's own code
for the tables, the search engine and the blobs. Exits with 1 if anything was lost, doubled, orphaned, miscounted or left stale.`
  )
)

Command.run(command, { version: "1" }).pipe(
  Effect.tapCause((cause) => {
    const error = Cause.squash(cause)
    return Console.error(error instanceof NotSound ? error.message : Cause.pretty(cause))
  }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
