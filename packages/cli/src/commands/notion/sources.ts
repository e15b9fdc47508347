import { type OnGone, type SyncSource } from "@sheaf/domain/syncs/Source"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { remote } from "../handled.ts"
import { given, limit, printList, printOne } from "../listing.ts"
import { background, printSync } from "./syncs.ts"

const policies = ["archive", "disable", "delete"] as const satisfies ReadonlyArray<OnGone>

const rules = {
  every: Flag.Int("every").pipe(
    Flag.withDescription("Minutes between two syncs, at least 5; 0 for none but those that are asked for"),
    Flag.optional
  ),
  onGone: Flag.Literals("on-gone", policies).pipe(
    Flag.withDescription("What becomes of a document whose page is gone. Default: archive"),
    Flag.optional
  ),
  maxMissing: Flag.Finite("max-missing").pipe(
    Flag.withDescription("Share of the pages that may be missing at once, from 0 to 1. Default: 0.2"),
    Flag.optional
  )
}

const rulesOf = (
  { every, maxMissing, onGone }: {
    readonly every: Option.Option<number>
    readonly maxMissing: Option.Option<number>
    readonly onGone: Option.Option<OnGone>
  }
) => ({
  ...given({ onGone, maxMissing }),
  ...(Option.isSome(every) && { everyMinutes: every.value === 0 ? null : every.value })
})

const sourceId = Argument.String("source").pipe(Argument.withDescription("Id of the source"))

/** The id in the address that Notion has for a page (`…/Title-<32 digits>?v=…`), or what was given. */
const idOf = (page: string): string => /^https:\/\/[^?#]*?([0-9a-f]{32})(?:[?#]|$)/i.exec(page)?.[1] ?? page

export const bring = Command.make(
  "import",
  {
    connection: Argument.String("connection").pipe(Argument.withDescription("Id of the connection")),
    pages: Argument.String("page").pipe(
      Argument.withDescription("Ids or addresses of pages and databases; what lies in them comes, too"),
      Argument.variadic()
    ),
    all: Flag.Boolean("all").pipe(Flag.withDescription("Everything that the connection sees"), Flag.withDefault(false)),
    dataset: Flag.String("dataset").pipe(Flag.withDescription("Name or id of the dataset")),
    ...rules,
    background
  },
  remote(Effect.fnUntraced(function*({ all, background, connection, dataset, pages, ...rules }) {
    const sheaf = yield* Sheaf
    if (all !== (pages.length === 0)) {
      return yield* new Misused({
        message: all ? "Pages are named, and --all is given." : "No page is named.",
        hint: "Name ids of pages and databases (`sheaf notion pages`), or pass --all."
      })
    }
    const what = { connection, dataset, ...(!all && { pages: pages.map(idOf) }), ...rulesOf(rules) }
    yield* printSync(yield* sheaf.syncs.import(what), background)
  }))
).pipe(
  Command.withDescription("Make documents of pages, which the dataset follows from now on"),
  Command.withExamples([
    { command: "sheaf notion import CONNECTION --all --dataset handbook --every 60" },
    { command: "sheaf notion import CONNECTION PAGE DATABASE --dataset handbook" },
    { command: "sheaf notion import CONNECTION https://www.notion.so/Pumps-0f1e... --dataset handbook" }
  ])
)

export const sync = Command.make(
  "sync",
  {
    sourceId,
    documents: Argument.String("document").pipe(
      Argument.withDescription("Ids of documents; default: everything that the source follows"),
      Argument.variadic()
    ),
    confirmMissing: Flag.Boolean("confirm-missing").pipe(
      Flag.withDescription("Many pages are gone, and that is known"),
      Flag.withDefault(false)
    ),
    background
  },
  remote(Effect.fnUntraced(function*({ background, confirmMissing, documents, sourceId }) {
    const sheaf = yield* Sheaf
    const what = { ...(documents.length > 0 && { documents }), confirmMissing }
    yield* printSync(yield* sheaf.syncs.begin(sourceId, what), background)
  }))
).pipe(
  Command.withDescription("Bring a dataset in step with what it follows"),
  Command.withExamples([{ command: "sheaf notion sync SOURCE" }, { command: "sheaf notion sync SOURCE DOCUMENT" }])
)

const selectionOf = ({ selection }: SyncSource): string =>
  selection === "all" ? "everything" : `${selection.length} chosen`

const everyOf = ({ everyMinutes }: SyncSource): string => everyMinutes === null ? "when asked" : `${everyMinutes} min`

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.syncs.everySource(), {
      limit,
      none: "No dataset follows anything: `sheaf notion import` brings pages in.",
      columns: {
        source: ({ id }) => id,
        connection: ({ connectionId }) => connectionId,
        dataset: ({ datasetId }) => datasetId,
        follows: (source) => selectionOf(source),
        pages: ({ items }) => String(items),
        every: everyOf
      }
    })
  }))
).pipe(
  Command.withDescription("List what datasets follow"),
  Command.withExamples([{ command: "sheaf notion sources list" }])
)

const update = Command.make(
  "update",
  { sourceId, ...rules },
  remote(Effect.fnUntraced(function*({ sourceId, ...rules }) {
    const sheaf = yield* Sheaf
    const change = rulesOf(rules)
    if (Object.keys(change).length === 0) {
      return yield* new Misused({
        message: "Nothing is to be changed.",
        hint: "Pass --every, --on-gone or --max-missing."
      })
    }
    const source = yield* sheaf.syncs.update(sourceId, change)
    yield* printOne(source, {
      id: source.id,
      follows: selectionOf(source),
      every: everyOf(source),
      "on gone": source.onGone,
      "max missing": source.maxMissing,
      due: source.dueAt
    })
  }))
).pipe(
  Command.withDescription("Change the schedule and the rules of a source"),
  Command.withExamples([{ command: "sheaf notion sources update SOURCE --every 30" }])
)

const unfollow = Command.make(
  "delete",
  { sourceId },
  remote(Effect.fnUntraced(function*({ sourceId }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    yield* sheaf.syncs.unfollow(sourceId)
    yield* output.result({ id: sourceId, deleted: true }, () => sourceId)
  }))
).pipe(
  Command.withDescription("Follow it no longer; the documents stay as they are"),
  Command.withExamples([{ command: "sheaf notion sources delete SOURCE" }])
)

export const sources = Command.make("sources").pipe(
  Command.withDescription("See and change what datasets follow"),
  Command.withSubcommands([list, update, unfollow])
)
