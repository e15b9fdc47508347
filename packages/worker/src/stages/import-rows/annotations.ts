import { Annotating } from "@sheaf/adapters/lifecycle/Annotating"
import type { Written } from "@sheaf/adapters/repos/annotations/AnnotationsRepo"
import type { PendingRow, RowResult, Work } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { AppId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type Applier, Closed, exists, refused } from "./Applier.ts"

/** Questions and answers, by their natural key. Vectors are owed from the transaction on that writes them: nothing is embedded here. */
export const annotations = Effect.gen(function*() {
  const annotating = yield* Annotating
  const part = transact(yield* SqlClient.SqlClient)

  const upsert = ({ caller, ifExists, targetId }: Work, rows: ReadonlyArray<PendingRow>) =>
    annotating.upsert(caller, {
      appId: AppId.make(targetId),
      ifExists,
      rows: rows.map(({ values: { answer = "", question = "" } }) => ({ question, answer }))
    }).pipe(
      Effect.map((written) => rows.map(({ number }, index) => resultOf(number, written[index]!))),
      Effect.catchTag(["AppNotFound", "AppArchived"], ({ message }) => new Closed({ detail: message }))
    )

  /** Where not all find room, each is asked for its own: as many as there is room for are let in, in their order. */
  const oneByOne = (work: Work, rows: ReadonlyArray<PendingRow>) =>
    Effect.forEach(rows, (row) =>
      part(upsert(work, [row])).pipe(
        Effect.map(([result]) => result!),
        Effect.catchTag("QuotaExceeded", ({ message }) =>
          Effect.succeed(refused(row.number, { reason: "Refused", field: null, message })))
      ))

  const applier: Applier = {
    batch: 200,
    prepare: (work, rows) =>
      Effect.succeed(
        part(upsert(work, rows)).pipe(Effect.catchTag("QuotaExceeded", () => oneByOne(work, rows)))
      )
  }
  return applier
})

const resultOf = (number: number, { annotationId, outcome }: Written): RowResult =>
  outcome === "skipped"
    ? exists(number, "question", annotationId, `the app has this question already, as annotation ${annotationId}`)
    : { number, state: outcome, resultId: annotationId, problem: null }
