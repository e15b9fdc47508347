import type { Import } from "@sheaf/domain/imports/Import"
import { explainImport } from "@sheaf/domain/imports/ImportFailure"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Stream } from "effect"
import { importWords } from "../../progress/importBar.ts"
import { SomeFailed } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { printable } from "../../terminal/style.ts"
import { count } from "../../terminal/words.ts"

/** Rows that are named when it is over; the rest can be listed. */
const named = 10

/** How an import ended; the first rows that failed are named. */
export const printOutcome = Effect.fnUntraced(function*(imported: Import) {
  const output = yield* Output
  const sheaf = yield* Sheaf
  const { failed, failure, id, total } = imported
  yield* output.result(imported, () => importWords(imported))
  yield* Stream.runForEach(
    sheaf.imports.everyRow(id, { state: "failed" }).pipe(Stream.take(named)),
    ({ number, problem }) => output.note(`row ${number}: ${printable(problem?.message ?? "")}`)
  )
  if (failure !== null) {
    return yield* new SomeFailed({
      message: printable(explainImport(failure)),
      hint: `\`sheaf imports get ${id}\` says how far it got.`
    })
  }
  if (failed > 0) {
    return yield* new SomeFailed({
      message: `${count(failed, "row")} of ${total} failed.`,
      hint: `\`sheaf imports download ${id} --errors\` gives every one with its reason.`
    })
  }
})
