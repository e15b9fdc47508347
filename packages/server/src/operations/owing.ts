import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { OperationsRepo } from "@sheaf/adapters/repos/operations/OperationsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { JobId, OperationId } from "@sheaf/domain/ids"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import type { Selection } from "@sheaf/domain/operations/Selection"
import { Effect, Option } from "effect"

/** Writes down that an action on many documents is owed. Part of the caller's transaction; what is selected was checked before. */
export const owingOperations = Effect.gen(function*() {
  const jobs = yield* JobsRepo
  const repo = yield* OperationsRepo

  return Effect.fnUntraced(function*(caller: Caller, action: BulkAction, select: Selection) {
    const id = yield* newId(OperationId)
    yield* repo.insert(caller, { id, action, select })
    yield* jobs.enqueue(caller.tenantId, [{
      id: JobId.make(derivedId("bulk", id)),
      lane: "interactive",
      job: { _tag: "RunBulk", version: 1, operationId: id }
    }])
    return Option.getOrThrow(yield* repo.find(caller, id))
  })
})
