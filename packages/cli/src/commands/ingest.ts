import { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Fs from "node:fs"
import { findFiles } from "../ingest/findFiles.ts"
import { metadataOf } from "../ingest/metadata.ts"
import { type Report, rowsOf, unforeseen, unpublished } from "../ingest/Report.ts"
import { runBatch } from "../ingest/runBatch.ts"
import { commandName } from "../settings/globals.ts"
import { passwordFile, readPassword } from "../settings/readPassword.ts"
import { readJson } from "../settings/readJson.ts"
import { Misused, SomeFailed, Unforeseen } from "../terminal/failures.ts"
import { Output, Streams } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { table } from "../terminal/table.ts"
import { count, duration } from "../terminal/words.ts"
import { remote } from "./handled.ts"
import { defaultDataset } from "./whichDataset.ts"

const standardOutput = "-"

export const ingest = Command.make(
  "ingest",
  {
    paths: Argument.String("path").pipe(
      Argument.withDescription("Files, folders and patterns like 'docs/**/*.md'"),
      Argument.atLeast(1)
    ),
    dataset: Flag.String("dataset").pipe(
      Flag.withAlias("d"),
      Flag.withDescription("Name of the dataset; made if there is none"),
      Flag.withDefault(defaultDataset)
    ),
    metadata: Flag.KeyValuePair("metadata").pipe(
      Flag.withAlias("m"),
      Flag.withDescription("Said about every file, to filter by; numbers, true and false are kept as such"),
      Flag.withDefault({})
    ),
    ifSame: Flag.Literals("if-same", ["reuse", "new", "reject"]).pipe(
      Flag.withDescription("When the dataset has the same content already"),
      Flag.withDefault("reuse")
    ),
    ifNameExists: Flag.Literals("if-name-exists", ["new", "reject", "rename", "replace"]).pipe(
      Flag.withDescription(
        "When the dataset has a document of that name: make another, fail, add a number, or replace it"
      ),
      Flag.withDefault("new")
    ),
    settings: Flag.String("settings").pipe(
      Flag.withDescription("File of JSON with the documents' own settings: `chunking`, `parsing`, `pipeline`"),
      Flag.optional
    ),
    passwordFile,
    report: Flag.String("report").pipe(
      Flag.withDescription(
        "Say how many were published, and how many failed of what; with --json as the last line, or =FILE. Then only what nobody foresaw is a failure"
      ),
      Flag.withOptionalValue(standardOutput),
      Flag.optional
    ),
    hungAfter: Flag.Int("hung-after").pipe(
      Flag.withDescription("Seconds without any movement after which the rest counts as hung"),
      Flag.withDefault(300)
    )
  },
  remote(Effect.fnUntraced(function*({ passwordFile, ...all }) {
    const { dataset, hungAfter, ifNameExists, ifSame, metadata, paths, report, settings } = all
    const output = yield* Output
    const sheaf = yield* Sheaf
    const name = yield* commandName
    const files = yield* findFiles(paths, process.cwd())
    const described = yield* metadataOf(metadata)
    const own = Option.isSome(settings) ? { settings: yield* readJson(settings.value, RunSettings) } : {}
    const password = yield* readPassword(passwordFile)
    const { id: datasetId } = yield* sheaf.datasets.ensure(dataset)
    const outcome = yield* runBatch({
      files,
      dataset,
      datasetId,
      metadata: described,
      ifSame,
      ifNameExists,
      ...own,
      ...password,
      hungAfterMs: hungAfter * 1_000
    })
    const { elapsedMs, failures, stopped } = outcome
    const counts = outcome.report
    yield* output.value({ type: "result", ...counts, dataset, datasetId, elapsedMs })
    yield* writeReport(report, counts)
    yield* output.note(
      `${count(counts.published, "file")} of ${files.length} published in ${output.noteStyle.bold(dataset)} after ${
        duration(elapsedMs)
      }.`
    )
    if (failures.size > 0) yield* output.note(failures.words())
    if (stopped) {
      yield* output.note(
        `Stopped. \`${name} watch --dataset ${dataset} --until-idle\` follows what was accepted; the same ingest goes on with the rest.`
      )
      return yield* Effect.interrupt
    }
    if (outcome.lost !== undefined) return yield* Effect.fail(outcome.lost.error)
    if (Option.isSome(report)) {
      if (unforeseen(counts) === 0) return
      return yield* new Unforeseen({
        message: `What became of ${count(unforeseen(counts), "file")} of ${counts.files} was not foreseen.`,
        hint: "Look for the reference of each in sheaf.log of the data folder."
      })
    }
    if (unpublished(counts) > 0) {
      return yield* new SomeFailed({
        message: `${count(unpublished(counts), "file")} of ${counts.files} could not be published.`,
        hint: `\`sheaf documents list --dataset ${dataset} --status error\` lists them with their reasons.`
      })
    }
  }))
).pipe(
  Command.withDescription("Send files and follow them until they can be searched"),
  Command.withExamples([
    { command: "sheaf ingest manual.pdf" },
    { command: "sheaf ingest ./docs 'notes/**/*.md' --dataset manuals --metadata year=2026" },
    {
      command: "sheaf ingest ./docs --json",
      description: "For scripts: exit code 8 when some failed"
    },
    {
      command: "sheaf ingest ./docs --report",
      description: "What can be read of a folder: exit code 1 only if a file ended in a way that nobody foresaw"
    }
  ])
)

const writeReport = (report: Option.Option<string>, counts: Report) =>
  Effect.gen(function*() {
    if (Option.isNone(report)) return
    const line = `${JSON.stringify(counts)}\n`
    const { stdout } = yield* Streams
    const { json } = yield* Output
    if (report.value === standardOutput) {
      const shown = table(["OUTCOME", "FILES", "SUCH AS"], rowsOf(counts).map((row) => row.map(printable)))
      return yield* stdout(json ? line : `${shown}\n`)
    }
    yield* Effect.try({
      try: () => Fs.writeFileSync(report.value, line),
      catch: (error) =>
        new Misused({ message: `The report could not be written: ${String(error)}`, hint: "Choose another file." })
    })
  })
