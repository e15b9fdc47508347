import type { NotionReader } from "@sheaf/adapters/notion/NotionApi"
import type { Known } from "@sheaf/adapters/repos/syncs/knownItem"
import type { SyncWork } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { type ItemChange, SyncTurnsRepo } from "@sheaf/adapters/repos/syncs/SyncTurnsRepo"
import type { SyncItemId } from "@sheaf/domain/ids"
import { pausedBy } from "@sheaf/domain/syncs/lookAt"
import type { SyncResult } from "@sheaf/domain/syncs/SyncResult"
import { Effect, Option } from "effect"
import type { Work } from "../../pipeline/Stage.ts"
import { applying } from "./applying.ts"
import { tombstones } from "./goneBy.ts"
import { reading } from "./reading.ts"
import { type ItemTrouble, Stopped } from "./troubles.ts"

/** How often one item may be in trouble before the sync goes on without it. */
const maxMissed = 3

/** Gives one item its turn. What is found out is written in one transaction with what follows from it. */
export const givingTurns = Effect.gen(function*() {
  const apply = yield* applying
  const read = yield* reading
  const { hide } = yield* tombstones
  const turns = yield* SyncTurnsRepo

  return Effect.fn("syncSource.turn")(function*(
    work: Work<"SyncSource">,
    sync: SyncWork,
    reader: NotionReader,
    { attempts, itemId }: { readonly itemId: SyncItemId; readonly attempts: number }
  ) {
    const { claim: { tenantId }, write } = work
    const found = yield* turns.item(tenantId, itemId)
    if (Option.isNone(found)) return
    const known = found.value

    /** Nothing but the item itself changes. */
    const end = (result: SyncResult, change: ItemChange | null) =>
      write(Effect.gen(function*() {
        if (!(yield* turns.take(tenantId, sync.id, itemId))) return
        yield* turns.settle(tenantId, sync.id, itemId, { result, change })
      }))
    const gone = (known: Known) =>
      write(Effect.gen(function*() {
        if (!(yield* turns.take(tenantId, sync.id, itemId))) return
        const hidden = yield* hide({ tenantId, actor: sync.actor }, known, sync.onGone)
        const result = { _tag: "Gone", policy: sync.onGone } as const
        yield* turns.settle(tenantId, sync.id, itemId, { result, change: { state: "gone", hidden } })
      }))
    const meet = Effect.fnUntraced(function*(trouble: ItemTrouble) {
      switch (trouble._tag) {
        case "Stop":
          return yield* new Stopped({ cause: trouble.cause })
        case "Gone":
          return yield* gone(known)
        case "Later": {
          if (!trouble.blame) return yield* trouble.retry
          if (attempts + 1 < maxMissed) {
            yield* write(turns.missed(tenantId, sync.id, itemId))
            return yield* trouble.retry
          }
          return yield* unreachable(trouble.reason)
        }
        case "Unreachable":
          return yield* unreachable(trouble.reason)
      }
    })
    const unreachable = (reason: Extract<ItemTrouble, { readonly _tag: "Unreachable" }>["reason"]) =>
      end({ _tag: "Unreachable", reason }, { state: "unreachable", reason })

    const why = pausedBy(known)
    if (why !== null) return yield* end({ _tag: "Paused", why }, null)
    const seen = yield* read(reader, sync, known)
    if (seen._tag === "Same") return yield* end({ _tag: "Unchanged" }, null)
    if (seen._tag !== "Read") return yield* meet(seen)
    const refused = yield* apply(work, sync, known, seen)
    if (refused !== null) yield* end({ _tag: "Failed", cause: refused }, { state: "present" })
  }, Effect.scoped)
})
