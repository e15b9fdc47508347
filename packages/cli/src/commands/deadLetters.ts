import { CauseTag } from "@sheaf/domain/admin/DeadLettersRpcs"
import { explain } from "@sheaf/domain/documents/FailureCause"
import { JobTag } from "@sheaf/domain/jobs/Job"
import { Sheaf } from "@sheaf/sdk/effect"
import { Array as Arr, Effect, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Misused } from "../terminal/failures.ts"
import { Output } from "../terminal/Output.ts"
import { printable } from "../terminal/style.ts"
import { remote } from "./handled.ts"
import { given, limit, printList } from "./listing.ts"

/** As many as the server takes at once. */
const atOnce = 50

const filter = {
  stage: Flag.Literals("stage", JobTag.literals).pipe(Flag.withDescription("Only work of this stage"), Flag.optional),
  cause: Flag.Literals("cause", CauseTag.literals).pipe(
    Flag.withDescription("Only work that was given up for this reason"),
    Flag.optional
  ),
  dataset: Flag.String("dataset").pipe(Flag.withDescription("Only documents of this dataset"), Flag.optional),
  document: Flag.String("document").pipe(Flag.withDescription("Only this document, by its id"), Flag.optional)
}

const list = Command.make(
  "list",
  { ...filter, limit },
  remote(Effect.fnUntraced(function*({ limit, ...conditions }) {
    const sheaf = yield* Sheaf
    yield* printList(sheaf.deadLetters.all(given(conditions)), {
      limit,
      none: "No work was given up.",
      columns: {
        job: (letter) => letter.jobId,
        stage: (letter) => letter.stage,
        "given up": (letter) => letter.diedAt.toISOString(),
        attempts: (letter) => String(letter.attempts),
        document: (letter) => printable(letter.documentName),
        cause: ({ cause }) => printable(`${cause._tag}: ${explain(cause).message}`)
      }
    })
  }))
).pipe(
  Command.withDescription("List the work that was given up, the latest first, with its cause"),
  Command.withExamples([{ command: "sheaf dead-letters list --stage ParsePages" }])
)

const requeue = Command.make(
  "requeue",
  {
    jobs: Argument.String("job").pipe(
      Argument.withDescription("Jobs from `sheaf dead-letters list`"),
      Argument.variadic()
    ),
    ...filter,
    all: Flag.Boolean("all").pipe(Flag.withDescription("Whatever was given up"), Flag.withDefault(false))
  },
  remote(Effect.fnUntraced(function*({ all, jobs, ...conditions }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const which = given(conditions)
    if (jobs.length === 0 && Object.keys(which).length === 0 && !all) {
      return yield* new Misused({
        message: "It is not said which.",
        hint: "Name jobs from `sheaf dead-letters list`, give a condition such as --stage, or pass --all."
      })
    }
    // What is there now: a document that fails again meanwhile is left for another day.
    const wanted = jobs.length > 0 ? jobs : yield* sheaf.deadLetters.all(which).pipe(
      Stream.map((letter): string => letter.jobId),
      Stream.runCollect
    )
    const done = yield* Effect.forEach(
      Arr.chunksOf(wanted, atOnce),
      (some) => sheaf.deadLetters.requeue({ ...which, jobs: some })
    )
    const documentIds = done.flatMap((part) => part.documentIds)
    const runIds = done.flatMap((part) => part.runIds)
    yield* output.result({ documentIds, runIds }, () => documentIds.join("\n"))
    yield* output.note(
      documentIds.length === 0
        ? "Nothing fits: no document is begun again."
        : `Begun again: ${documentIds.length} documents.`
    )
  }))
).pipe(
  Command.withDescription("Begin again what was given up, from what the failed runs left"),
  Command.withExamples([
    { command: "sheaf dead-letters requeue JOB" },
    { command: "sheaf dead-letters requeue --cause ParserTimedOut --dataset manuals" },
    { command: "sheaf dead-letters requeue --all" }
  ])
)

export const deadLetters = Command.make("dead-letters").pipe(
  Command.withDescription("See work that was given up, and begin it again"),
  Command.withSubcommands([list, requeue])
)
