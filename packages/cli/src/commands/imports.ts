import type { Import } from "@sheaf/domain/imports/Import"
import { explainImport } from "@sheaf/domain/imports/ImportFailure"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { importWords } from "../progress/importBar.ts"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { save } from "./documents/save.ts"
import { remote } from "./handled.ts"
import { create } from "./imports/create.ts"
import { printOutcome } from "./imports/outcome.ts"
import { limit, printList, printOne } from "./listing.ts"

const id = Argument.String("import").pipe(Argument.withDescription("Id of the import"))

const intoOf = ({ target }: Import): string =>
  "appId" in target ? `app ${target.appId}` : `document ${target.documentId}`

const list = Command.make(
  "list",
  { limit },
  remote(Effect.fnUntraced(function*({ limit }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.imports.all(), {
      limit,
      none: "There are no imports.",
      columns: {
        import: ({ id }) => id,
        file: ({ name }) => printable(name),
        into: intoOf,
        begun: ({ createdAt }) => createdAt.toISOString(),
        "how it stands": importWords
      }
    })
  }))
).pipe(
  Command.withDescription("List imports, newest first; they are kept for 30 days"),
  Command.withExamples([{ command: "sheaf imports list" }])
)

const get = Command.make(
  "get",
  { id, wait: Flag.Boolean("wait").pipe(Flag.withDescription("Wait until it is over"), Flag.withDefault(false)) },
  remote(Effect.fnUntraced(function*({ id, wait }) {
    const sheaf = yield* Sheaf
    if (wait) return yield* printOutcome(yield* sheaf.imports.finished(id))
    const imported = yield* sheaf.imports.get(id)
    const { failure } = imported
    yield* printOne(imported, {
      id: imported.id,
      file: printable(imported.name),
      into: intoOf(imported),
      "if exists": imported.ifExists,
      state: imported.state,
      failure: failure === null ? null : printable(explainImport(failure)),
      rows: imported.total,
      pending: imported.pending,
      created: imported.created,
      overwritten: imported.overwritten,
      skipped: imported.skipped,
      failed: imported.failed,
      begun: imported.createdAt,
      over: imported.finishedAt
    })
  }))
).pipe(
  Command.withDescription("Show how an import stands"),
  Command.withExamples([{ command: "sheaf imports get ID --wait" }])
)

const cancel = Command.make(
  "cancel",
  { id },
  remote(Effect.fnUntraced(function*({ id }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const imported = yield* sheaf.imports.cancel(id)
    yield* output.result(imported, () => importWords(imported))
  }))
).pipe(
  Command.withDescription("Leave out the rows whose turn has not come; what was done stays"),
  Command.withExamples([{ command: "sheaf imports cancel ID" }])
)

const download = Command.make(
  "download",
  {
    id,
    errors: Flag.Boolean("errors").pipe(
      Flag.withDescription("Only rows that failed, with their reasons"),
      Flag.withDefault(false)
    ),
    file: Flag.String("output").pipe(
      Flag.withAlias("o"),
      Flag.withDescription("File to write; default: standard output"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ errors, file, id }) {
    const sheaf = yield* Sheaf
    yield* save(yield* sheaf.imports.results(id, errors ? { state: "failed" } : {}), file)
  }))
).pipe(
  Command.withDescription("Write what became of each row, as a CSV"),
  Command.withExamples([{ command: "sheaf imports download ID --errors -o errors.csv" }])
)

export const imports = Command.make("imports").pipe(
  Command.withDescription("Import rows of files, and see what became of each"),
  Command.withSubcommands([create, list, get, cancel, download])
)
