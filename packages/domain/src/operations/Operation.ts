import { Schema } from "effect"
import { Actor } from "../edge/Caller.ts"
import { DatasetId, DocumentId, OperationId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { BulkAction } from "./BulkAction.ts"
import { OperationState } from "./OperationState.ts"

export const isOver = (state: OperationState): boolean => state === "finished" || state === "cancelled"

/** One action on many documents, carried out by a job. Kept for 30 days after it is over. */
export class Operation extends Schema.Class<Operation>("@sheaf/domain/operations/Operation/Operation")({
  id: OperationId,
  action: BulkAction,
  state: OperationState,
  /** Where its documents were looked for; `null` where they were named. */
  datasetId: Schema.NullOr(DatasetId),
  /** Documents found so far: all of them once it is `running`. */
  total: Schema.Int,
  done: Schema.Int,
  /** The action does not fit what they are doing: nothing was changed, and nothing is wrong. */
  skipped: Schema.Int,
  failed: Schema.Int,
  createdBy: Actor,
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp)
}) {}

/** `cancelled`: its turn had not come when the operation was cancelled. */
export const OperationItemState = Schema.Literals(["pending", "done", "skipped", "failed", "cancelled"])
export type OperationItemState = typeof OperationItemState.Type

/** What became of one document. */
export const OperationItem = Schema.Struct({
  documentId: DocumentId,
  state: OperationItemState,
  /** Why it was skipped or has failed: the error that the same action on this document alone would have ended with. */
  error: Schema.NullOr(Schema.Struct({ tag: Schema.String, message: Schema.String })),
  finishedAt: Schema.NullOr(Timestamp)
})
export type OperationItem = typeof OperationItem.Type
