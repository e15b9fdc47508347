import { JobId, type SyncId, type SyncItemId, type SyncSourceId, type TenantId } from "@sheaf/domain/ids"
import type { Lane } from "@sheaf/domain/jobs/Job"
import type { SyncTrigger } from "@sheaf/domain/syncs/Sync"
import { Context, Effect, Layer, Option } from "effect"
import { derivedId } from "../repos/derivedId.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import { type EarlyEnd, SyncsRepo, type Unfollowed } from "../repos/syncs/SyncsRepo.ts"
import type { By } from "./By.ts"

/** The beginning of every sync, whoever wants it, and the end of those whose source goes. Part of the caller's transaction. */
export class Syncing extends Context.Service<Syncing, {
  /**
   * Owes a sync: of everything that a source follows, or of these items alone. While one of everything is at work, that is the answer, but
   * for an import: that is one of its own.
   */
  readonly begin: (by: By, sync: {
    readonly sourceId: SyncSourceId
    readonly trigger: SyncTrigger
    readonly lane: Lane
    readonly items?: ReadonlyArray<SyncItemId>
    readonly confirmed?: boolean
  }) => Effect.Effect<SyncId>
  /** Ends what is at work on sources that are to go, and says so. What was done stays done. */
  readonly stop: (tenantId: TenantId, what: Unfollowed, end: EarlyEnd) => Effect.Effect<void>
}>()("@sheaf/adapters/lifecycle/Syncing") {
  static readonly layer = Layer.effect(
    Syncing,
    Effect.gen(function*() {
      const events = yield* EventsRepo
      const jobs = yield* JobsRepo
      const syncs = yield* SyncsRepo

      const jobOf = (syncId: SyncId) => JobId.make(derivedId("sync", syncId))
      const begin: Syncing["Service"]["begin"] = Effect.fn("Syncing.begin")(
        function*({ actor, tenantId }, { confirmed = false, items = null, lane, sourceId, trigger }) {
          for (;;) {
            const made = yield* syncs.insert(tenantId, { sourceId, trigger, actor, confirmed, items })
            if (Option.isSome(made)) {
              const syncId = made.value
              yield* jobs.enqueue(tenantId, [{
                id: jobOf(syncId),
                lane,
                job: { _tag: "SyncSource", version: 1, syncId }
              }])
              return syncId
            }
            const other = yield* syncs.atWork(tenantId, sourceId)
            if (Option.isNone(other)) continue
            if (confirmed) yield* syncs.confirm(tenantId, other.value)
            return other.value
          }
        }
      )

      const stop: Syncing["Service"]["stop"] = Effect.fn("Syncing.stop")(function*(tenantId, what, end) {
        for (const stopped of yield* syncs.stop(tenantId, what, end)) {
          yield* events.append(tenantId, { _tag: "SyncFinished", state: end.state, ...stopped })
        }
      })
      return Syncing.of({ begin, stop })
    })
  )
}
