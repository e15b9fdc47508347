import type { IfNameExists, IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import { Sheaf } from "@sheaf/sdk/effect"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Clock, DateTime, Effect } from "effect"
import { chooseDisplay } from "../progress/chooseDisplay.ts"
import { makeDisplay } from "../progress/Display.ts"
import { commandName } from "../settings/globals.ts"
import * as Interrupts from "../terminal/interrupts.ts"
import { Output } from "../terminal/Output.ts"
import { type BatchEvent, ingestAll } from "./Batch.ts"
import { Failures } from "./Failures.ts"
import type { FoundFile } from "./findFiles.ts"

/** Beyond so many files, other people's single documents go first. */
const bulkFrom = 20

/** Sends files and shows it: rows, lines or JSON. The first Ctrl-C only stops the sending. */
export const runBatch = Effect.fn("runBatch")(function*(options: {
  readonly files: ReadonlyArray<FoundFile>
  /** Its name, for what is suggested. */
  readonly dataset: string
  readonly datasetId: string
  readonly metadata: Metadata
  readonly ifSame: IfSame
  readonly ifNameExists?: IfNameExists
  readonly settings?: RunSettings
  /** What those of the files that are protected are opened with. */
  readonly password?: string
  readonly hungAfterMs: number
}) {
  const name = yield* commandName
  const output = yield* Output
  const sheaf = yield* Sheaf
  const startedAt = yield* Clock.currentTimeMillis
  const display = yield* makeDisplay(yield* chooseDisplay, options.files.length)
  const failures = new Failures()
  let stopped = false
  yield* Interrupts.onNext(() => {
    stopped = true
    return output.note(
      `\nNo more files are sent; waiting for those that were. Ctrl-C again quits: what was accepted is kept, and \`${name} watch --dataset ${options.dataset} --until-idle\` goes on with it.`
    )
  })
  const { lost, report } = yield* ingestAll({
    ...options,
    sheaf,
    lane: options.files.length > bulkFrom ? "bulk" : "interactive",
    stopped: () => stopped,
    onSending: display.onSending,
    onEvent: (event) =>
      Effect.suspend(() => {
        failures.add(event)
        return Effect.andThen(display.onEvent(event), printEvent(output, event))
      })
  })
  const elapsedMs = (yield* Clock.currentTimeMillis) - startedAt
  return { report, lost, failures, stopped, elapsedMs }
}, Effect.scoped)

/** A line of JSON for each thing that happens. */
const printEvent = (output: Output["Service"], event: BatchEvent) =>
  Effect.gen(function*() {
    if (!output.json) return
    const { file, ...rest } = event
    const at = DateTime.formatIso(yield* DateTime.now)
    const common = { type: event.type, at, file: file.name }
    if (event.type !== "failed") return yield* output.value({ ...rest, ...common })
    const { cause, failure } = event.fate
    yield* output.value({
      ...common,
      documentId: event.documentId,
      cause,
      message: failure.message,
      hint: failure.hint
    })
  })
