import { Console, Effect, Option, Random } from "effect"
import { Command, Flag } from "effect/cli"
import * as Production from "../../support/production/Production.ts"
import { NotProved, runCommand } from "../runCommand.ts"
import { soak } from "./soak.ts"

const command = Command.make(
  "soak",
  {
    kills: Flag.Int("kills").pipe(
      Flag.withDefault(1_000),
      Flag.withDescription("Processes killed, one after the other")
    ),
    seed: Flag.Int("seed").pipe(Flag.withDefault(1)),
    workers: Flag.Int("workers").pipe(Flag.withDefault(2)),
    plant: Flag.Literals("plant", ["lost", "duplicate", "drift", "orphan", "stale"]).pipe(
      Flag.withDescription("Put a defect in, and see that it is found: exits with 1"),
      Flag.optional
    ),
    json: Flag.Boolean("json").pipe(Flag.withDefault(false))
  },
  Effect.fnUntraced(function*({ json, kills, plant, seed, workers }) {
    const production = yield* Production.start({ workers })
    const result = yield* soak(production, {
      kills,
      seed,
      plants: Option.toArray(plant),
      onKill: (kill, name) =>
        (kill + 1) % 50 === 0 && !json ? Console.log(`${kill + 1} kills, the last of ${name}`) : Effect.void
    }).pipe(Random.withSeed(seed))
    const { planted, ...figures } = result
    const findings = [...result.findings, ...planted.flatMap((brought) => brought.findings)]
    yield* Console.log(
      json
        ? JSON.stringify(result)
        : `${figures.calls} calls, ${figures.documents} documents, ${kills} kills, ${figures.seconds.toFixed(0)} s`
    )
    if (findings.length > 0) {
      return yield* new NotProved({
        message: `${findings.slice(0, 20).join("\n")}\n${findings.length} findings; repeat with --seed ${seed}.`
      })
    }
    yield* json ? Effect.void : Console.log("Nothing lost, nothing twice, nothing left over.")
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    `Kills processes of the production profile at random while documents are ingested, edited, switched, deleted, held up and searched, and
judges what is there when all is quiet, without any of Sheaf's own code. Exits with 1 if anything is lost, doubled, orphaned, miscounted
or stale.`
  )
)

runCommand(command)
