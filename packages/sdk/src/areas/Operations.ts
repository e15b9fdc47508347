import type { DocumentId, OperationId } from "@sheaf/domain/ids"
import type { DocumentFilter } from "@sheaf/domain/documents/ListFilter"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import type { Operation, OperationItem, OperationItemState } from "@sheaf/domain/operations/Operation"
import { type Duration, Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import { millis } from "../connection/Endpoint.ts"
import type { CallError } from "../connection/rpc.ts"
import { OperationPending } from "../errors/client.ts"
import type { CallOptions, DatasetRef, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { type ByName, type Datasets, pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

/** Documents by their ids, up to 10,000; or those of a dataset that fit a filter, all of them without one. */
export type Documents =
  | { readonly documents: ReadonlyArray<string> }
  | { readonly dataset: DatasetRef; readonly filter?: DocumentFilter }

export interface FinishOptions {
  /** The longest to wait. Default: as long as it takes. */
  readonly deadline?: Duration.Input | undefined
  /** How it stands, now and then. */
  readonly onProgress?: ((operation: Operation) => void) | undefined
}

export interface ItemsOptions extends PageOptions, CallOptions {
  readonly state?: OperationItemState | ReadonlyArray<OperationItemState>
}

export type FinishError = OperationPending | CallError<"OperationsGet">

/** Actions on many documents. */
export interface Operations {
  /** Begins one. The server carries it out, whatever becomes of this program. */
  readonly begin: (
    action: BulkAction,
    documents: Documents,
    options?: MutationOptions
  ) => Effect.Effect<Operation, CallError<"DocumentsBulk"> | ByName>
  readonly get: (operationId: string, options?: CallOptions) => Effect.Effect<Operation, CallError<"OperationsGet">>
  /** Waits until it is over. Documents that failed are no error: their number is in the answer. */
  readonly finished: (operationId: string, options?: FinishOptions) => Effect.Effect<Operation, FinishError>
  /** One page, newest first. */
  readonly list: (options?: PageOptions & CallOptions) => Effect.Effect<Page<Operation>, CallError<"OperationsList">>
  readonly all: (options?: PageOptions & CallOptions) => Feed<Operation, CallError<"OperationsList">>
  /** What became of each document: one page. */
  readonly items: (
    operationId: string,
    options?: ItemsOptions
  ) => Effect.Effect<Page<OperationItem>, CallError<"OperationsItems">>
  readonly everyItem: (operationId: string, options?: ItemsOptions) => Feed<OperationItem, CallError<"OperationsItems">>
  /** Documents whose turn has not come are left as they are. */
  readonly cancel: (
    operationId: string,
    options?: MutationOptions
  ) => Effect.Effect<Operation, CallError<"OperationsCancel">>
}

/** How long the server is asked to wait in one call. */
const patience = 2_000

export const makeOperations = (calls: Calls, datasets: Datasets): Operations => {
  const named = (operationId: string) => ({ operationId: operationId as OperationId })
  const list: Operations["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("OperationsList", pageOf({ cursor, limit }), options)
  const items: Operations["items"] = (operationId, { cursor, limit, state, ...options } = {}) =>
    calls.query("OperationsItems", {
      ...named(operationId),
      ...pageOf({ cursor, limit }),
      ...(state !== undefined && { state: typeof state === "string" ? [state] : state })
    }, options)

  const finished: Operations["finished"] = (operationId, { deadline, onProgress } = {}) => {
    let seen: Operation | null = null
    const waited = Effect.gen(function*() {
      for (;;) {
        const operation: Operation = yield* calls.query("OperationsGet", {
          ...named(operationId),
          waitMs: seen === null ? 0 : patience
        })
        seen = operation
        onProgress?.(operation)
        if (operation.finishedAt !== null) return operation
      }
    })
    if (deadline === undefined) return waited
    const limitMs = millis(deadline)
    return Effect.timeoutOrElse(waited, {
      duration: limitMs,
      orElse: () => Effect.fail(new OperationPending({ operationId, limitMs, operation: seen }))
    })
  }

  return {
    list,
    items,
    finished,
    all: (options = {}) => everyItem(list, options),
    everyItem: (operationId, options = {}) => everyItem((page: ItemsOptions) => items(operationId, page), options),
    begin: Effect.fnUntraced(function*(action, documents, options) {
      const select = "documents" in documents
        ? { documentIds: documents.documents as ReadonlyArray<DocumentId> }
        : {
          datasetId: yield* datasets.idOf(documents.dataset),
          ...(documents.filter !== undefined && { filter: documents.filter })
        }
      return yield* calls.mutate("DocumentsBulk", { action, select }, options)
    }),
    get: (operationId, options) => calls.query("OperationsGet", named(operationId), options),
    cancel: (operationId, options) => calls.mutate("OperationsCancel", named(operationId), options)
  }
}
