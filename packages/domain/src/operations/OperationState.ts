import { Schema } from "effect"

/** `selecting`: the documents are being looked up; `running`: each gets its turn. The last two are final. */
export const OperationState = Schema.Literals(["selecting", "running", "finished", "cancelled"])
export type OperationState = typeof OperationState.Type
