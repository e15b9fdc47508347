import { DocumentSort, SortOrder } from "@sheaf/domain/documents/ListsRpcs"
import { DocumentStatus } from "@sheaf/domain/documents/status"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { readFilter } from "../../settings/filter.ts"
import { repeated } from "../../settings/repeated.ts"
import { Output } from "../../terminal/Output.ts"
import { printable } from "../../terminal/style.ts"
import { table } from "../../terminal/table.ts"
import { bytes, count } from "../../terminal/words.ts"
import { remote } from "../handled.ts"
import { given, limit, printList } from "../listing.ts"
import { whichDataset } from "../whichDataset.ts"
import { causeOf } from "./arguments.ts"

const several = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(`${description}; may be given several times`), repeated)
const from = (name: string, description: string) =>
  Flag.Date(name).pipe(Flag.withDescription(`Only documents ${description}`), Flag.optional)

const flags = {
  dataset: Flag.String("dataset").pipe(
    Flag.withAlias("d"),
    Flag.withDescription("Name or id of the dataset; if nothing is said, the only one or `default`"),
    Flag.optional
  ),
  status: Flag.Literals("status", DocumentStatus.literals).pipe(
    Flag.withDescription("Only documents of this status; may be given several times"),
    repeated
  ),
  type: several("type", "Only documents of this type, like application/pdf"),
  suffix: several("suffix", "Only documents whose name ends like this, without the dot"),
  name: Flag.String("name").pipe(Flag.withDescription("Only documents with this in their name"), Flag.optional),
  actor: Flag.String("actor").pipe(
    Flag.withDescription("Only documents added by this key, or for this person"),
    Flag.optional
  ),
  attachedTo: Flag.String("attached-to").pipe(
    Flag.withDescription("Only documents that were attached to this one, a mail for example, given by its id"),
    Flag.optional
  ),
  filter: Flag.String("filter").pipe(
    Flag.withDescription("Only documents whose metadata fit: JSON, as for `sheaf search`"),
    Flag.optional
  ),
  since: from("since", "added at this time or later"),
  before: from("before", "added before this time"),
  sort: Flag.Literals("sort", DocumentSort.literals).pipe(
    Flag.withDescription("What to sort by; newest first if nothing is said"),
    Flag.optional
  ),
  order: Flag.Literals("order", SortOrder.literals).pipe(
    Flag.withDescription("Default: asc for names, else desc"),
    Flag.optional
  ),
  facets: Flag.String("facets").pipe(
    Flag.withDescription(
      "Count in place of listing: by status, mediaType, suffix, actor or metadata.FIELD, with commas"
    ),
    Flag.optional
  ),
  limit
}

export const list = Command.make(
  "list",
  flags,
  remote(Effect.fnUntraced(function*({ before, facets, filter, limit, since, status, suffix, type, ...said }) {
    const sheaf = yield* Sheaf
    const metadata = yield* readFilter(filter)
    const { actor, attachedTo, dataset, name, order, sort } = said
    const which = {
      dataset: yield* whichDataset(dataset),
      ...given({ actor, attachedTo, metadata, name }),
      ...(status.length > 0 && { status }),
      ...(type.length > 0 && { mediaType: type }),
      ...(suffix.length > 0 && { suffix }),
      ...((Option.isSome(since) || Option.isSome(before)) && { createdAt: given({ from: since, before }) })
    }
    if (Option.isSome(facets)) return yield* counted(which, facets.value.split(","))
    yield* printList(sheaf.documents.all({ ...which, ...given({ order, sort }) }), {
      limit,
      none: "There are no such documents.",
      columns: {
        name: (document) => printable(document.name),
        status: (document) => document.status,
        pages: (document) => document.pages === 0 ? "" : String(document.pages),
        segments: (document) => String(document.segments),
        size: (document) => bytes(document.size),
        id: (document) => document.id,
        "attached to": (document) => document.parentId ?? "",
        reason: (document) => printable(causeOf(document.run))
      }
    })
  }))
).pipe(
  Command.withDescription("List documents, newest first, with the reason where one is not available; or count them"),
  Command.withExamples([
    { command: "sheaf documents list --dataset manuals" },
    { command: "sheaf documents list --dataset manuals --status error --json" },
    { command: "sheaf documents list --suffix pdf --sort size", description: "The largest PDFs first" },
    { command: "sheaf documents list --facets status,suffix,metadata.author", description: "How many of each" }
  ])
)

const counted = Effect.fnUntraced(
  function*(which: Parameters<Sheaf["Service"]["documents"]["list"]>[0], facets: ReadonlyArray<string>) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const page = yield* sheaf.documents.list({
      ...which,
      facets: facets.map((facet) => facet.trim()),
      withTotal: true,
      limit: 1
    })
    const rows = (page.facets ?? []).flatMap(({ facet, more, values }) => {
      const found = values.map(({ count, value }) => [facet, printable(String(value)), String(count)])
      return more ? found.concat([[facet, "...", ""]]) : found
    })
    yield* output.result(
      { total: page.total, facets: page.facets },
      () => `${count(page.total ?? 0, "document")}\n${table(["FACET", "VALUE", "DOCUMENTS"], rows)}`
    )
  }
)
