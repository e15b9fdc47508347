import type { Dataset } from "@sheaf/domain/datasets/Dataset"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag, Prompt } from "effect/cli"
import { Misused } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { bytes } from "../terminal/words.ts"
import { chunkingFlags, chunkingOf, method } from "./chunkingFlags.ts"
import { fields } from "./datasets/fields.ts"
import { stats } from "./datasets/stats.ts"
import { remote } from "./handled.ts"
import { spaceCommands } from "./datasets/spaces.ts"
import { given, limit, printList, printOne } from "./listing.ts"

const named = Argument.String("dataset").pipe(Argument.withDescription("Name or id of the dataset"))

const settings = {
  description: Flag.String("description").pipe(Flag.withDescription("What it holds"), Flag.optional),
  permission: Flag.Literals("permission", ["tenant", "private"]).pipe(
    Flag.withDescription("Who may use it: every key of the tenant, or its maker alone"),
    Flag.optional
  ),
  chunker: method("chunker"),
  ...chunkingFlags
}

const printDataset = (dataset: Dataset) =>
  printOne(dataset, {
    id: dataset.id,
    name: printable(dataset.name),
    description: printable(dataset.description),
    documents: dataset.documents,
    segments: dataset.segments,
    tokens: dataset.tokens,
    size: bytes(dataset.bytes),
    permission: dataset.permission,
    chunking: dataset.chunking,
    model: `${dataset.space.provider}/${dataset.space.model}`,
    "last ingested": dataset.lastIngestedAt,
    created: dataset.createdAt
  })

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.datasets.all(), {
      limit,
      none: "There are no datasets yet: `sheaf ingest PATH --dataset NAME` makes one.",
      columns: {
        name: (dataset) => printable(dataset.name),
        documents: (dataset) => dataset.documents.toLocaleString("en-GB"),
        segments: (dataset) => dataset.segments.toLocaleString("en-GB"),
        size: (dataset) => bytes(dataset.bytes),
        id: (dataset) => dataset.id
      }
    })
  }))
).pipe(
  Command.withDescription("List datasets by name"),
  Command.withExamples([{ command: "sheaf datasets list --json" }])
)

const create = Command.make(
  "create",
  { name: Argument.String("name").pipe(Argument.withDescription("Name of the new dataset")), ...settings },
  remote(Effect.fnUntraced(function*({ description, name, permission, ...cuts }) {
    const sheaf = yield* Sheaf
    const chunking = yield* chunkingOf(cuts)
    yield* printDataset(yield* sheaf.datasets.create({ name, ...given({ description, permission, chunking }) }))
  }))
).pipe(
  Command.withDescription("Make a dataset"),
  Command.withExamples([
    { command: "sheaf datasets create manuals --description \"Machines of the fleet\"" },
    { command: "sheaf datasets create notes --max-tokens 256 --overlap 32", description: "Shorter segments" },
    { command: "sheaf datasets create faq --chunker qa" },
    { command: "sheaf datasets create stock --chunker table --column price:both:number" }
  ])
)

const get = Command.make(
  "get",
  { dataset: named },
  remote(Effect.fnUntraced(function*({ dataset }) {
    const sheaf = yield* Sheaf
    yield* printDataset(yield* sheaf.datasets.get(dataset))
  }))
).pipe(
  Command.withDescription("Show a dataset with its counts"),
  Command.withExamples([{ command: "sheaf datasets get manuals" }])
)

const update = Command.make(
  "update",
  { dataset: named, name: Flag.String("name").pipe(Flag.withDescription("A new name"), Flag.optional), ...settings },
  remote(Effect.fnUntraced(function*({ dataset, description, name, permission, ...cuts }) {
    const sheaf = yield* Sheaf
    const chunking = yield* chunkingOf(cuts)
    yield* printDataset(yield* sheaf.datasets.update(dataset, given({ name, description, permission, chunking })))
  }))
).pipe(
  Command.withDescription("Change a dataset; new chunking applies to documents that are built from now on"),
  Command.withExamples([{ command: "sheaf datasets update manuals --name handbooks" }])
)

const remove = Command.make(
  "delete",
  {
    dataset: named,
    yes: Flag.Boolean("yes").pipe(Flag.withAlias("y"), Flag.withDescription("Do not ask"), Flag.withDefault(false))
  },
  remote(Effect.fnUntraced(function*({ dataset, yes }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const found = yield* sheaf.datasets.get(dataset)
    if (!yes) yield* confirmed(found)
    yield* sheaf.datasets.delete({ id: found.id })
    yield* output.result({ id: found.id, deleted: true }, () => found.id)
    yield* output.note(`Deleted: nobody finds ${printable(found.name)} any more. What it held is being removed.`)
  }))
).pipe(
  Command.withDescription("Delete a dataset with all its documents"),
  Command.withExamples([{ command: "sheaf datasets delete manuals --yes" }])
)

const confirmed = Effect.fnUntraced(function*(dataset: Dataset) {
  const what = `${printable(dataset.name)} with ${dataset.documents} documents`
  const refused = new Misused({ message: `This deletes ${what}.`, hint: "Pass --yes to do it." })
  if (!process.stdin.isTTY || !process.stdout.isTTY) return yield* refused
  if (!(yield* Prompt.run(Prompt.Confirm({ message: `Delete ${what}?` })))) return yield* refused
})

export const datasets = Command.make("datasets").pipe(
  Command.withDescription("List, make, change and delete datasets (knowledge bases)"),
  Command.withSubcommands([list, create, get, update, remove, stats, fields, ...spaceCommands])
)
