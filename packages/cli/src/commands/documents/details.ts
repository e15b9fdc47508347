import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { metadataOf } from "../../ingest/metadata.ts"
import { passwordFile, readPassword } from "../../settings/readPassword.ts"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { printable } from "../../terminal/style.ts"
import { remote } from "../handled.ts"
import { given } from "../listing.ts"
import { id } from "./arguments.ts"
import { inStep } from "./inStep.ts"
import { save } from "./save.ts"
import { repeated } from "../../settings/repeated.ts"

const ifVersion = Flag.Int("if-version").pipe(
  Flag.withDescription("Change nothing if the document is not at this version any more"),
  Flag.optional
)
const wait = Flag.Boolean("wait").pipe(
  Flag.withDescription("Wait until searches know of it"),
  Flag.withDefault(false)
)
const file = Flag.String("output").pipe(
  Flag.withAlias("o"),
  Flag.withDescription("File to write; it must not exist. Default: standard output"),
  Flag.optional
)

export const rename = Command.make(
  "rename",
  {
    id,
    name: Argument.String("name").pipe(Argument.withDescription("What it is to be called")),
    ifNameExists: Flag.Literals("if-name-exists", ["new", "reject", "rename"]).pipe(
      Flag.withDescription("When another document of the dataset has the name: have it too, fail, or add a number"),
      Flag.withDefault("new")
    ),
    ifVersion,
    wait
  },
  remote(Effect.fnUntraced(function*({ id, ifNameExists, ifVersion, name, wait }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const { document } = yield* sheaf.documents.rename(id, name, { ifNameExists, ...given({ ifVersion }) })
    if (wait) yield* inStep(id)
    yield* output.result(document, () => printable(document.name))
  }))
).pipe(
  Command.withDescription("Give a document another name"),
  Command.withExamples([{ command: "sheaf documents rename ID 'Annual report.pdf'" }])
)

export const metadata = Command.make(
  "metadata",
  {
    id,
    set: Flag.KeyValuePair("set").pipe(
      Flag.withDescription("Field=value; numbers, true and false are kept as such. May be given several times"),
      Flag.withDefault({})
    ),
    remove: Flag.String("remove").pipe(
      Flag.withDescription("Field to remove; may be given several times"),
      repeated
    ),
    replace: Flag.Boolean("replace").pipe(
      Flag.withDescription("Remove all fields that --set does not name"),
      Flag.withDefault(false)
    ),
    ifVersion,
    wait
  },
  remote(Effect.fnUntraced(function*({ id, ifVersion, remove, replace, set, wait }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const fields = yield* metadataOf(set)
    if (Object.keys(fields).length + remove.length === 0 && !replace) {
      return yield* new Misused({ message: "Nothing is to change.", hint: "Say --set FIELD=VALUE or --remove FIELD." })
    }
    const { document } = yield* sheaf.documents.setMetadata(
      id,
      { ...fields, ...Object.fromEntries(remove.map((field) => [field, null])) },
      { mode: replace ? "replace" : "merge", ...given({ ifVersion }) }
    )
    if (wait) yield* inStep(id)
    yield* output.result(document, () => printable(JSON.stringify(document.metadata)))
  }))
).pipe(
  Command.withDescription("Change what is said about a document, to filter searches by"),
  Command.withExamples([
    { command: "sheaf documents metadata ID --set year=2026 --set author=Ada --remove draft" },
    { command: "sheaf documents metadata ID --replace --set year=2026 --wait" }
  ])
)

export const replace = Command.make(
  "replace",
  {
    id,
    path: Argument.String("file").pipe(Argument.withDescription("File with the new bytes")),
    name: Flag.String("name").pipe(Flag.withDescription("Another name for the document"), Flag.optional),
    passwordFile,
    background: Flag.Boolean("background").pipe(
      Flag.withDescription("Do not wait until the new version is published"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ background, id, name, passwordFile, path }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const accepted = yield* sheaf.documents.replace(id, path, {
      ...given({ name }),
      ...yield* readPassword(passwordFile)
    })
    if (background) return yield* output.result({ id: accepted.id, runId: accepted.runId }, () => accepted.id)
    const document = yield* accepted.done()
    yield* output.result(document, () => document.id)
  }))
).pipe(
  Command.withDescription(
    "Give a document other bytes; the version that serves goes on until the new one is published"
  ),
  Command.withExamples([{ command: "sheaf documents replace ID report.pdf" }])
)

export const cite = Command.make(
  "cite",
  {
    id,
    segments: Argument.String("segment").pipe(
      Argument.withDescription("Ids of segments, as searches give them"),
      Argument.atLeast(1)
    ),
    file
  },
  remote(Effect.fnUntraced(function*({ file, id, segments }) {
    const sheaf = yield* Sheaf
    yield* save(yield* sheaf.documents.citedPages(id, segments), file)
  }))
).pipe(
  Command.withDescription("Fetch a PDF of the pages on which segments stand, with these highlighted"),
  Command.withExamples([{ command: "sheaf documents cite ID SEGMENT SEGMENT --output cited.pdf" }])
)

export const thumbnail = Command.make(
  "thumbnail",
  { id, file },
  remote(Effect.fnUntraced(function*({ file, id }) {
    const sheaf = yield* Sheaf
    yield* save(yield* sheaf.documents.thumbnail(id), file)
  }))
).pipe(
  Command.withDescription("Fetch a picture (WebP) of the first page of a PDF"),
  Command.withExamples([{ command: "sheaf documents thumbnail ID --output first.webp" }])
)
