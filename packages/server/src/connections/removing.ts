import { Syncing } from "@sheaf/adapters/lifecycle/Syncing"
import { ConnectionsRepo } from "@sheaf/adapters/repos/connections/ConnectionsRepo"
import { SyncItemsRepo } from "@sheaf/adapters/repos/syncs/SyncItemsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { ConnectionId, DocumentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { owingOperations } from "../operations/owing.ts"

/** Ids read in one statement. */
const page = 1_000

/**
 * Removes a connection that the caller's transaction has locked, and what is followed through it. Whoever works on one of its syncs finds it over. Answers the
 * operation that deletes the documents, if they are to go and there are any.
 */
export const removing = Effect.gen(function*() {
  const items = yield* SyncItemsRepo
  const owe = yield* owingOperations
  const repo = yield* ConnectionsRepo
  const syncing = yield* Syncing

  const broughtBy = Effect.fnUntraced(function*({ tenantId }: Caller, connectionId: ConnectionId) {
    const all: Array<DocumentId> = []
    for (;;) {
      const some = yield* items.documentsThrough(tenantId, connectionId, all.at(-1), page)
      all.push(...some)
      if (some.length < page) return all
    }
  })

  return Effect.fnUntraced(function*(caller: Caller, connectionId: ConnectionId, withDocuments: boolean) {
    const { tenantId } = caller
    // First: from here on no sync brings another document.
    yield* syncing.stop(tenantId, { connectionId }, { state: "failed", cause: { _tag: "ConnectionGone" } })
    const documentIds = withDocuments ? yield* broughtBy(caller, connectionId) : []
    const operation = documentIds.length === 0
      ? null
      : yield* owe(caller, { _tag: "Delete" }, { documentIds })
    yield* repo.remove(tenantId, connectionId)
    return operation
  })
})
