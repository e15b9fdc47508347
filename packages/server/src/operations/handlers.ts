import { Authentication } from "@sheaf/domain/edge/middleware"
import { OperationsRpcs } from "@sheaf/domain/operations/OperationsRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Bulk } from "./Bulk.ts"

const group = OperationsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const bulk = yield* Bulk
  return group.of({
    DocumentsBulk: withCaller(bulk.begin),
    OperationsGet: withCaller(bulk.get),
    OperationsList: withCaller(bulk.list),
    OperationsItems: withCaller(bulk.items),
    OperationsCancel: withCaller(bulk.cancel)
  })
}))
