import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { chosen } from "../settings/chosen.ts"
import { Output } from "../terminal/Output.ts"
import { count } from "../terminal/words.ts"
import { local } from "./handled.ts"

export const migrate = Command.make(
  "migrate",
  {
    check: Flag.Boolean("check").pipe(
      Flag.withDescription("Change nothing; exit with 1 when migrations are owed"),
      Flag.withDefault(false)
    )
  },
  local(Effect.fnUntraced(function*({ check }) {
    const output = yield* Output
    const settings = yield* chosen
    const [Adapters, Migrations] = yield* Effect.promise(() =>
      Promise.all([import("@sheaf/adapters/Adapters"), import("@sheaf/adapters/sql/migrate")])
    )
    yield* Effect.gen(function*() {
      const database = yield* Adapters.openDatabase(settings)
      if (check) {
        yield* Effect.provideContext(Migrations.requireMigrated(), database)
        yield* output.result({ type: "result", owed: [] }, () => "up to date")
        return
      }
      const applied = yield* Effect.provideContext(Migrations.migrate(), database)
      yield* output.result({ type: "result", applied }, () => applied.join("\n") || "up to date")
      yield* output.note(
        applied.length === 0 ? "Nothing was owed." : `Applied ${count(applied.length, "migration")}, all or none.`
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  }))
).pipe(
  Command.withDescription(
    `Bring the tables of the PostgreSQL server (DATABASE_URL) to what this release needs. Run it before the first start and after every
upgrade. Safe to run twice, and when several start at once: one applies, the others wait. The embedded database migrates by itself.`
  ),
  Command.withShortDescription("Bring the database to what this release needs"),
  Command.withExamples([{ command: "sheaf migrate" }, { command: "sheaf migrate --check" }])
)
