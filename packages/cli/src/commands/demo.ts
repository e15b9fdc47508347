import { Sheaf } from "@sheaf/sdk/effect"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Path from "node:path"
import { ask } from "../demo/ask.ts"
import { questions, writeSamples } from "../demo/samples.ts"
import { findFiles } from "../ingest/findFiles.ts"
import { unpublished } from "../ingest/Report.ts"
import { runBatch } from "../ingest/runBatch.ts"
import * as Session from "../session/Session.ts"
import { named } from "../session/Target.ts"
import { chosen, shown } from "../settings/chosen.ts"
import { commandName } from "../settings/globals.ts"
import { describeParts } from "../settings/parts.ts"
import { SomeFailed } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import { count, duration } from "../terminal/words.ts"
import { version } from "../version.ts"
import { local } from "./handled.ts"
import { repeated } from "../settings/repeated.ts"

const sampleDataset = "demo"
const ownDataset = "demo-files"

export const demo = Command.make(
  "demo",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("Files, folders or patterns of your own. Default: a sample set"),
      Argument.variadic()
    ),
    questions: Flag.String("ask").pipe(
      Flag.withAlias("a"),
      Flag.withDescription("A question to ask; may be given several times"),
      repeated
    )
  },
  local(Effect.fnUntraced(function*({ files: inputs, questions: asked }) {
    const name = yield* commandName
    const output = yield* Output
    const settings = yield* chosen
    const { home } = settings
    const server = Option.getOrUndefined(yield* named)?.url
    const { bold, dim, green } = output.noteStyle
    const own = inputs.length > 0
    const startedAt = yield* Clock.currentTimeMillis
    const since = (from: number) => Effect.map(Clock.currentTimeMillis, (now) => now - from)

    yield* output.note(
      `\n${bold(`Sheaf ${version}`)}  ${
        server === undefined
          ? `data ${shown(home)}  ${dim(describeParts(settings))}`
          : `server ${server}`
      }`
    )
    // Before anything is started: a wrong path is said at once.
    const found = own ? yield* findFiles(inputs, process.cwd()) : []

    const session = Effect.gen(function*() {
      const sheaf = yield* Sheaf
      const { tenant } = yield* sheaf.info()
      yield* output.note(
        `${green("✓")} ${server === undefined ? "started" : "connected"} in ${duration(yield* since(startedAt))}  ${
          dim(`tenant ${tenant.name}`)
        }`
      )
      const samples = own ? [] : yield* writeSamples(Path.join(home, "samples"))
      const files = own ? found : yield* findFiles(samples, Path.join(home, "samples"))
      const dataset = own ? ownDataset : sampleDataset
      const { id: datasetId } = yield* sheaf.datasets.ensure(dataset, {
        description: own ? "Files that the demo was given" : "The sample set of the demo",
        // One topic a segment: what is cited is the page that says it.
        chunking: { method: "general", combineUnder: 48 }
      })
      const batch = yield* runBatch({ files, dataset, datasetId, metadata: {}, ifSame: "reuse", hungAfterMs: 300_000 })
      if (batch.failures.size > 0) yield* output.note(batch.failures.words())
      if (batch.stopped) return yield* Effect.interrupt
      if (batch.lost !== undefined) return yield* Effect.fail(batch.lost.error)
      yield* output.note(
        `${green("✓")} ${count(batch.report.published, "document")} can be searched after ${
          duration(yield* since(startedAt))
        }\n`
      )

      const all = asked.length > 0 ? asked : own ? [] : questions
      const answers = []
      let firstAnswerMs: number | null = null
      for (const question of all) {
        answers.push(yield* ask(question, datasetId))
        firstAnswerMs ??= yield* since(startedAt)
      }
      const totalMs = yield* since(startedAt)
      const cited = answers.find(({ hit }) => hit !== undefined && hit.citation.page !== null) ?? answers[0]
      yield* output.value({
        type: "result",
        ...batch.report,
        dataset,
        datasetId,
        answers: answers.length,
        citation: cited?.hit === undefined
          ? null
          : { document: cited.hit.documentName, documentId: cited.hit.documentId, ...cited.hit.citation },
        elapsedMs: firstAnswerMs ?? totalMs,
        totalMs
      })
      yield* output.note(
        `${firstAnswerMs === null ? "" : `First answer after ${duration(firstAnswerMs)}, `}all done after ${
          duration(totalMs)
        }.`
      )
      if (server === undefined) {
        yield* output.note(
          `Next:
  ${name} search --dataset ${dataset} "${own ? "your question" : "how is the mirror washed"}"
  ${name} ingest ./your-documents
  ${own ? `${name} serve` : `${name} demo your.pdf --ask "your question"`}
  ${own ? `${name} documents list --dataset ${dataset}` : `${name} serve`}`
        )
      }
      if (unpublished(batch.report) > 0) {
        return yield* new SomeFailed({
          message: `${count(unpublished(batch.report), "file")} of ${files.length} could not be published.`,
          hint: "The reasons are above."
        })
      }
    })
    yield* Effect.provide(session, Session.layer)
  }))
).pipe(
  Command.withDescription("Ingest a sample set, or files of your own, and ask it questions"),
  Command.withExamples([
    { command: "sheaf demo" },
    { command: "sheaf demo report.pdf --ask \"what was revenue growth\" --ask \"who signed it\"" }
  ])
)
