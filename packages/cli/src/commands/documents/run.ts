import { Edits } from "@sheaf/domain/runs/RunSettings"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { passwordFile, readPassword } from "../../settings/readPassword.ts"
import { Misused } from "../../terminal/failures.ts"
import { remote } from "../handled.ts"
import { method } from "../chunkingFlags.ts"
import { given, printOne } from "../listing.ts"
import { id, lane, which } from "./arguments.ts"
import { settingsFlags, settingsOf } from "./settingsFlags.ts"
import { toMany } from "./many.ts"

export const run = Command.make(
  "run",
  {
    ...which,
    method: method("method"),
    ...settingsFlags,
    once: Flag.Boolean("once").pipe(
      Flag.withDescription("Only this run has the settings; by default the document keeps them"),
      Flag.withDefault(false)
    ),
    edits: Flag.Literals("edits", Edits.literals).pipe(
      Flag.withDescription("`discard` forgets segments that were changed by hand"),
      Flag.withDefault("keep")
    ),
    passwordFile,
    lane: Flag.withDefault(lane, "interactive")
  },
  remote(Effect.fnUntraced(function*({ passwordFile, ...all }) {
    const { background, dataset, edits, ids, lane, name, once, status, ...flags } = all
    const { documents } = yield* Sheaf
    const wanted = yield* settingsOf(flags)
    const options = { keep: !once, lane, edits, ...given({ settings: wanted }) }
    const password = yield* readPassword(passwordFile)
    if (password.password !== undefined && ids.length !== 1) {
      return yield* new Misused({
        message: "A password opens one document.",
        hint: "Name one id with --password-file."
      })
    }
    yield* toMany(
      { background, dataset, ids, name, status },
      { _tag: "Run", ...options },
      (id) => documents.run(id, { ...options, ...password })
    )
  }))
).pipe(
  Command.withDescription("Build documents again with other settings; only what they change is done again"),
  Command.withExamples([
    { command: "sheaf documents run ID --max-tokens 256" },
    { command: "sheaf documents run --dataset manuals --method whole" },
    { command: "sheaf documents run ID --pages 1-5,8 --once" },
    { command: "sheaf documents run ID --password-file secret.txt" }
  ])
)

export const showSettings = Command.make(
  "settings",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const sheaf = yield* Sheaf
    const found = yield* sheaf.documents.settings(id)
    const values = found.values.filter(({ value }) => value !== null)
    yield* printOne(
      found,
      Object.fromEntries(values.map(({ name, origin, value }) => [name, `${wordsOf(value)} (${origin})`]))
    )
  }))
).pipe(
  Command.withDescription("Show with which settings a document is built, and who decided each"),
  Command.withExamples([{ command: "sheaf documents settings ID" }])
)

const wordsOf = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)
