import type { TenantId } from "@sheaf/domain/ids"
import type { Import } from "@sheaf/domain/imports/Import"
import { Effect } from "effect"
import { EventsRepo } from "../repos/events/EventsRepo.ts"

/** Tells whoever began an import that it is over. Part of the caller's transaction. */
export const importEnded = Effect.map(
  EventsRepo,
  (events) =>
    Effect.fnUntraced(function*(tenantId: TenantId, ended: Import, owner: string) {
      const { created, failed, id: importId, overwritten, skipped, state, target, total } = ended
      if (state !== "finished" && state !== "failed" && state !== "cancelled") return
      yield* events.append(tenantId, {
        _tag: "ImportFinished",
        datasetId: null,
        importId,
        target,
        state,
        total,
        created,
        overwritten,
        skipped,
        failed
      }, owner)
    })
)
