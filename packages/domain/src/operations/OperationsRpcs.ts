import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { OperationId } from "../ids.ts"
import { BulkAction } from "./BulkAction.ts"
import { OperationNotFound, OperationOver } from "./errors.ts"
import { Operation, OperationItem, OperationItemState } from "./Operation.ts"
import { Selection } from "./Selection.ts"

const named = { operationId: OperationId } as const

export class OperationsRpcs extends RpcGroup.make(
  /**
   * Does the same to many documents. Answers at once; a job gives each document its turn, in a transaction of its own, so that one that
   * fails stops no other. What it does is what the caller may do now, whatever becomes of its key.
   */
  mutation("DocumentsBulk", {
    payload: { action: BulkAction, select: Selection },
    success: Operation,
    error: Schema.Union([DatasetNotFound, BadRequest])
  }),
  /** With `waitMs` (at most 30,000) it waits for the end of the operation, and answers how it stands then. */
  Rpc.make("OperationsGet", {
    payload: {
      ...named,
      waitMs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 })))
    },
    success: Operation,
    error: OperationNotFound
  }),
  /**
   * Newest first: the caller's own, and with the scope `admin` everybody's; with a key that is limited to some datasets, of the others'
   * only those that look for documents in one of these.
   */
  Rpc.make("OperationsList", { payload: PageFields, success: Page(Operation), error: BadRequest }),
  /** By document id. */
  Rpc.make("OperationsItems", {
    payload: { ...named, state: Schema.optionalKey(Schema.Array(OperationItemState)), ...PageFields },
    success: Page(OperationItem),
    error: Schema.Union([OperationNotFound, BadRequest])
  }),
  /** Documents whose turn has not come are left as they are; what was done stays done. */
  mutation("OperationsCancel", {
    payload: named,
    success: Operation,
    error: Schema.Union([OperationNotFound, OperationOver])
  })
) {}
