import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { OperationsRepo } from "@sheaf/adapters/repos/operations/OperationsRepo"
import { ownerOf } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { OperationId, PageCursor } from "@sheaf/domain/ids"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import { OperationNotFound, OperationOver } from "@sheaf/domain/operations/errors"
import { isOver, type Operation, type OperationItem, type OperationItemState } from "@sheaf/domain/operations/Operation"
import type { Selection } from "@sheaf/domain/operations/Selection"
import { Context, Effect, Layer, Option } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { lookUntil } from "../edge/lookUntil.ts"
import { pageOr } from "../edge/pageOr.ts"
import { owingOperations } from "./owing.ts"

interface Named {
  readonly operationId: OperationId
}

interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly next?: PageCursor
}

/** Actions on many documents. Changes are part of the caller's transaction; a job carries them out. */
export class Bulk extends Context.Service<Bulk, {
  readonly begin: (
    caller: Caller,
    operation: { readonly action: BulkAction; readonly select: Selection }
  ) => Effect.Effect<Operation, DatasetNotFound>
  readonly get: (
    caller: Caller,
    operation: Named & { readonly waitMs?: number }
  ) => Effect.Effect<Operation, OperationNotFound>
  readonly list: (caller: Caller, options: PageOptions) => Effect.Effect<Page<Operation>, BadRequest>
  readonly items: (
    caller: Caller,
    options: Named & PageOptions & { readonly state?: ReadonlyArray<OperationItemState> }
  ) => Effect.Effect<Page<OperationItem>, OperationNotFound | BadRequest>
  readonly cancel: (caller: Caller, operation: Named) => Effect.Effect<Operation, OperationNotFound | OperationOver>
}>()("@sheaf/server/operations/Bulk") {
  static readonly layer = Layer.effect(
    Bulk,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const events = yield* EventsRepo
      const owe = yield* owingOperations
      const repo = yield* OperationsRepo

      const find = Effect.fnUntraced(function*(caller: Caller, { operationId }: Named) {
        const found = yield* repo.find(caller, operationId)
        if (Option.isNone(found)) return yield* new OperationNotFound({ operationId })
        return found.value
      })

      const begin: Bulk["Service"]["begin"] = Effect.fn("Bulk.begin")(function*(caller, { action, select }) {
        if ("datasetId" in select) yield* datasets.get(caller, select)
        return yield* owe(caller, action, select)
      })

      const get: Bulk["Service"]["get"] = Effect.fn("Bulk.get")(function*(caller, { waitMs, ...named }) {
        return yield* lookUntil(find(caller, named), { waitMs, isEnough: ({ state }) => isOver(state) })
      })

      const cancel: Bulk["Service"]["cancel"] = Effect.fn("Bulk.cancel")(function*(caller, named) {
        const { operationId } = named
        yield* find(caller, named)
        const isOurs = yield* repo.cancel(caller.tenantId, operationId)
        const operation = yield* find(caller, named)
        const { action, datasetId, done, failed, skipped, state, total } = operation
        if (!isOurs) return yield* new OperationOver({ operationId, state })
        const counts = { total, done, skipped, failed }
        yield* events.append(
          caller.tenantId,
          { _tag: "OperationFinished", datasetId, operationId, action: action._tag, state: "cancelled", ...counts },
          ownerOf(caller)
        )
        return operation
      })

      return Bulk.of({
        begin,
        get,
        list: (caller, options) => pageOr(repo.list(caller, options)),
        items: (caller, options) => Effect.andThen(find(caller, options), pageOr(repo.items(caller.tenantId, options))),
        cancel
      })
    })
  )
}
