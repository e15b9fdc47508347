import { Edits, Markup, type RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { remote } from "../handled.ts"
import { chunkingFlags, method } from "../chunkingFlags.ts"
import { given, printOne } from "../listing.ts"
import { id, lane, which } from "./arguments.ts"
import { toMany } from "./many.ts"

const size = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withDescription(description), Flag.optional)

const settings = {
  method: method("method"),
  ...chunkingFlags,
  softMaxTokens: size("soft-max-tokens", "From here on a segment ends where it can"),
  combineUnder: size("combine-under", "Small neighbours are put together below this"),
  markup: Flag.Literals("markup", Markup.literals).pipe(
    Flag.withDescription("What text is read as, whatever it looks like"),
    Flag.optional
  ),
  tablePictures: Flag.Boolean("table-pictures").pipe(
    Flag.withDescription("Whether a picture of each table of a PDF is kept"),
    Flag.optional
  ),
  pages: Flag.String("pages").pipe(Flag.withDescription("Only these pages, like 1-5,8"), Flag.optional)
}

export const run = Command.make(
  "run",
  {
    ...which,
    ...settings,
    once: Flag.Boolean("once").pipe(
      Flag.withDescription("Only this run has the settings; by default the document keeps them"),
      Flag.withDefault(false)
    ),
    edits: Flag.Literals("edits", Edits.literals).pipe(
      Flag.withDescription("`discard` forgets segments that were changed by hand"),
      Flag.withDefault("keep")
    ),
    lane: Flag.withDefault(lane, "interactive")
  },
  remote(Effect.fnUntraced(function*({ background, dataset, edits, ids, lane, name, once, status, ...flags }) {
    const { documents } = yield* Sheaf
    const { markup, pages, tablePictures, ...chunking } = flags
    const cut = given(chunking)
    const ranges = Option.isSome(pages) ? { pages: yield* rangesOf(pages.value) } : {}
    const parse = { ...given({ markup, tablePictures }), ...ranges }
    const wanted: RunSettings = {
      ...(Object.keys(cut).length > 0 && { chunking: cut }),
      ...(Object.keys(parse).length > 0 && { parsing: parse })
    }
    const options = { keep: !once, lane, edits, ...(Object.keys(wanted).length > 0 && { settings: wanted }) }
    yield* toMany(
      { background, dataset, ids, name, status },
      { _tag: "Run", ...options },
      (id) => documents.run(id, options)
    )
  }))
).pipe(
  Command.withDescription("Build documents again with other settings; only what they change is done again"),
  Command.withExamples([
    { command: "sheaf documents run ID --max-tokens 256" },
    { command: "sheaf documents run --dataset manuals --method whole" },
    { command: "sheaf documents run ID --pages 1-5,8 --once" }
  ])
)

const rangesOf = (text: string) =>
  Effect.forEach(text.split(","), (part) => {
    const [, first, last = first] = /^\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?$/.exec(part) ?? []
    return first === undefined
      ? Effect.fail(new Misused({ message: `"${part}" is no range of pages.`, hint: "Write --pages 1-5,8." }))
      : Effect.succeed({ first: Number(first), last: Number(last) })
  })

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
