import { Syncing } from "@sheaf/adapters/lifecycle/Syncing"
import { transact } from "@sheaf/adapters/repos/rows"
import { SyncSourcesRepo } from "@sheaf/adapters/repos/syncs/SyncSourcesRepo"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Sources begun in one go; the others are due a minute later. */
const page = 100

/** Begins the syncs whose time has come. A process that dies between two of them leaves the others due. */
export const scheduledSyncs = Effect.gen(function*() {
  const sources = yield* SyncSourcesRepo
  const sql = yield* SqlClient.SqlClient
  const syncing = yield* Syncing
  return sources.due(page).pipe(
    Effect.flatMap(Effect.forEach(({ actor, id: sourceId, tenantId }) =>
      transact(sql)(Effect.gen(function*() {
        if (!(yield* sources.turn(tenantId, sourceId))) return
        yield* syncing.begin({ tenantId, actor }, { sourceId, trigger: "schedule", lane: "bulk" })
      })), { discard: true }))
  )
})
