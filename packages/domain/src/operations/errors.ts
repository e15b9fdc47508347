import { Schema } from "effect"
import { OperationId } from "../ids.ts"
import { OperationState } from "./OperationState.ts"

export class OperationNotFound extends Schema.TaggedError<OperationNotFound>()("OperationNotFound", {
  operationId: OperationId
}) {
  override get message() {
    return `There is no operation ${this.operationId} that this key may see. List them with \`sheaf operations list\`.`
  }
}

/** It has ended: there is nothing left to cancel. */
export class OperationOver extends Schema.TaggedError<OperationOver>()("OperationOver", {
  operationId: OperationId,
  state: OperationState
}) {
  override get message() {
    return `Operation ${this.operationId} is ${this.state}: it cannot be cancelled any more.`
  }
}
