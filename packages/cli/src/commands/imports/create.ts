import { IfExists } from "@sheaf/domain/annotations/Annotation"
import { ImportFormat } from "@sheaf/domain/imports/Import"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { importDisplay } from "../../progress/importDisplay.ts"
import { Misused } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { remote } from "../handled.ts"
import { given } from "../listing.ts"
import { printOutcome } from "./outcome.ts"

const into = (app: Option.Option<string>, document: Option.Option<string>) => {
  if (Option.isSome(app) && Option.isNone(document)) return Effect.succeed({ app: app.value })
  if (Option.isSome(document) && Option.isNone(app)) return Effect.succeed({ document: document.value })
  return Effect.fail(
    new Misused({
      message: "It is not clear where the rows are to go.",
      hint: "Pass either --app, for questions and answers, or --document, for segments."
    })
  )
}

const delimiterOf = (delimiter: Option.Option<string>) =>
  Option.map(delimiter, (given) => given === "tab" || given === "\\t" ? "\t" : given)

export const create = Command.make(
  "create",
  {
    file: Argument.String("file").pipe(Argument.withDescription("CSV, JSON, JSON Lines or XLSX, up to 100,000 rows")),
    app: Flag.String("app").pipe(Flag.withDescription("Id of the app that gets questions and answers"), Flag.optional),
    document: Flag.String("document").pipe(
      Flag.withDescription("Id of the document that gets segments"),
      Flag.optional
    ),
    ifExists: Flag.Literals("if-exists", IfExists.literals).pipe(
      Flag.withDescription("What becomes of a row that is there already"),
      Flag.withDefault("skip")
    ),
    format: Flag.Literals("format", ImportFormat.literals).pipe(
      Flag.withDescription("What the file is; default: what it looks like"),
      Flag.optional
    ),
    delimiter: Flag.String("delimiter").pipe(
      Flag.withDescription("Between the cells of a CSV, or `tab`; default: what it looks like"),
      Flag.optional
    ),
    header: Flag.Literals("header", ["yes", "no"]).pipe(
      Flag.withDescription("Whether the first row names the columns; default: where it has names that are known"),
      Flag.optional
    ),
    columns: Flag.KeyValuePair("column").pipe(
      Flag.withDescription("What the file calls a field: question=Frage"),
      Flag.withDefault({})
    ),
    key: Flag.String("idempotency-key").pipe(
      Flag.withDescription("The same key and file again go on with the import that is there"),
      Flag.optional
    ),
    background: Flag.Boolean("background").pipe(
      Flag.withDescription("Do not wait until it is over"),
      Flag.withDefault(false)
    )
  },
  remote(Effect.fnUntraced(function*({ app, background, columns, delimiter, document, file, header, key, ...flags }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const target = yield* into(app, document)
    const over = yield* Effect.scoped(Effect.gen(function*() {
      const onProgress = yield* importDisplay
      const begun = yield* sheaf.imports.create(target, file, {
        ...given({
          format: flags.format,
          delimiter: delimiterOf(delimiter),
          header: Option.map(header, (said) => said === "yes"),
          idempotencyKey: key
        }),
        ...(Object.keys(columns).length > 0 && { columns }),
        ifExists: flags.ifExists,
        onProgress
      })
      return background ? begun : yield* sheaf.imports.finished(begun.id, { onProgress })
    }))
    if (!background) return yield* printOutcome(over)
    yield* output.result(over, () => over.id)
    yield* output.note(`It goes on without this program: \`sheaf imports get ${over.id}\` says how it stands.`)
  }))
).pipe(
  Command.withDescription("Import the rows of a file: questions and answers into an app, segments into a document"),
  Command.withExamples([
    { command: "sheaf imports create faq.csv --app ID" },
    { command: "sheaf imports create faq.xlsx --app ID --if-exists overwrite --column question=Frage" },
    { command: "sheaf imports create segments.jsonl --document ID" }
  ])
)
