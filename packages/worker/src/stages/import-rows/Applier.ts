import type { PendingRow, RowResult, Work } from "@sheaf/adapters/repos/imports/ImportWorkRepo"
import type { RowProblem } from "@sheaf/domain/imports/RowProblem"
import { Data, type Effect } from "effect"
import type { TryAgain } from "../../pipeline/Stage.ts"

/** The target takes no rows any more. */
export class Closed extends Data.TaggedError("Closed")<{ readonly detail: string }> {}

/** How rows of one kind are carried out. */
export interface Applier {
  /** Rows in one transaction. */
  readonly batch: number
  /** Makes ready, outside any transaction, what is then done within the one that settles the rows: a result for each of them. */
  readonly prepare: (
    work: Work,
    rows: ReadonlyArray<PendingRow>
  ) => Effect.Effect<Effect.Effect<ReadonlyArray<RowResult>, Closed>, TryAgain | Closed>
}

export const refused = (number: number, problem: RowProblem): RowResult => ({
  number,
  state: "failed",
  resultId: null,
  problem
})

export const exists = (number: number, field: string, resultId: string, message: string): RowResult => ({
  number,
  state: "skipped",
  resultId,
  problem: { reason: "Exists", field, message }
})
