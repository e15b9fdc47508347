import type { TenantId } from "@sheaf/domain/ids"
import type { Import } from "@sheaf/domain/imports/Import"
import { Effect } from "effect"
import { EventsRepo } from "../repos/events/EventsRepo.ts"

/** A hundredth of an import, counted from its beginning. */
const share = (pending: number, total: number) => Math.floor((total - pending) * 100 / total)

/**
 * Tells whoever began an import how far it is, when another hundredth of its rows is done: so one of 100,000 rows writes no more than one of
 * 100. What ends it is told by itself. Part of the transaction that settles the rows.
 */
export const importProgressed = Effect.map(
  EventsRepo,
  (events) =>
    Effect.fnUntraced(function*(tenantId: TenantId, imported: Import, settled: number, owner: string) {
      const { created, failed, id: importId, overwritten, pending, skipped, target, total } = imported
      if (pending === 0 || share(pending, total) === share(pending + settled, total)) return
      yield* events.append(tenantId, {
        _tag: "ImportProgressed",
        datasetId: null,
        importId,
        target,
        total,
        pending,
        created,
        overwritten,
        skipped,
        failed
      }, owner)
    })
)
