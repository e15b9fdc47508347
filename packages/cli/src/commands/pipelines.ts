import { type Pipeline, PipelineDefinition } from "@sheaf/domain/pipelines/Pipeline"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { readJson } from "../settings/readJson.ts"
import { printable } from "../terminal/style.ts"
import { deleting } from "./deleting.ts"
import { remote } from "./handled.ts"
import { given, limit, printList, printOne } from "./listing.ts"

const id = Argument.String("id").pipe(Argument.withDescription("Id of the pipeline"))
const description = Flag.String("description").pipe(Flag.withDescription("What it is for"), Flag.optional)
const file = Flag.String("file").pipe(
  Flag.withDescription("File of JSON with `parse`, `clean`, `chunk` and `enrich` (docs/guide/pipelines.md)")
)

const printPipeline = (pipeline: Pipeline) =>
  printOne(pipeline, {
    id: pipeline.id,
    name: printable(pipeline.name),
    description: printable(pipeline.description),
    version: `${pipeline.version} of ${pipeline.newestVersion}`,
    ...pipeline.definition,
    made: pipeline.createdAt
  })

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.pipelines.all(), {
      limit,
      none: "There are no pipelines: documents go through what everybody does.",
      columns: {
        name: ({ name }) => printable(name),
        version: ({ version }) => String(version),
        steps: ({ definition: { clean = [], enrich = [] } }) =>
          [...clean, ...enrich].map(({ step }) => step).join(", "),
        id: ({ id }) => id
      }
    })
  }))
).pipe(
  Command.withDescription("List pipelines by name"),
  Command.withExamples([{ command: "sheaf pipelines list --json" }])
)

const get = Command.make(
  "get",
  { id, version: Flag.Int("version").pipe(Flag.withDescription("Default: the newest"), Flag.optional) },
  remote(Effect.fnUntraced(function*({ id, version }) {
    const sheaf = yield* Sheaf
    yield* printPipeline(yield* sheaf.pipelines.get(id, given({ version })))
  }))
).pipe(
  Command.withDescription("Show a pipeline; secrets are never shown"),
  Command.withExamples([{ command: "sheaf pipelines get ID --version 2" }])
)

const create = Command.make(
  "create",
  { name: Argument.String("name").pipe(Argument.withDescription("Name of the new pipeline")), description, file },
  remote(Effect.fnUntraced(function*({ description, file, name }) {
    const sheaf = yield* Sheaf
    const definition = yield* readJson(file, PipelineDefinition)
    yield* printPipeline(yield* sheaf.pipelines.create({ name, definition, ...given({ description }) }))
  }))
).pipe(
  Command.withDescription("Make a pipeline of what a file says"),
  Command.withExamples([{ command: "sheaf pipelines create tidy --file tidy.json" }])
)

const update = Command.make(
  "update",
  {
    id,
    name: Flag.String("name").pipe(Flag.withDescription("A new name"), Flag.optional),
    description,
    file: Flag.optional(file)
  },
  remote(Effect.fnUntraced(function*({ description, file, id, name }) {
    const sheaf = yield* Sheaf
    const definition = Option.isSome(file) ? { definition: yield* readJson(file.value, PipelineDefinition) } : {}
    yield* printPipeline(yield* sheaf.pipelines.update(id, { ...given({ name, description }), ...definition }))
  }))
).pipe(
  Command.withDescription(
    "Change a pipeline; another file becomes its next version, which runs that begin later go through"
  ),
  Command.withExamples([{ command: "sheaf pipelines update ID --file tidy.json" }])
)

const remove = deleting(
  "pipelines",
  id,
  "Delete a pipeline that nobody uses",
  ({ pipelines }, id) => pipelines.delete(id)
)

export const pipelines = Command.make("pipelines").pipe(
  Command.withDescription("List, make, change and delete pipelines: what documents go through on their way"),
  Command.withSubcommands([list, get, create, update, remove])
)
