import { Syncing } from "@sheaf/adapters/lifecycle/Syncing"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { SyncItemsRepo } from "@sheaf/adapters/repos/syncs/SyncItemsRepo"
import { SyncSourcesRepo } from "@sheaf/adapters/repos/syncs/SyncSourcesRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { ConnectionId, DatasetId, DocumentId, PageCursor, SyncItemId, SyncSourceId } from "@sheaf/domain/ids"
import { SyncItemNotFound, SyncSourceNotFound } from "@sheaf/domain/syncs/errors"
import type { SyncRules, SyncSource } from "@sheaf/domain/syncs/Source"
import type { SyncItem, SyncItemState } from "@sheaf/domain/syncs/SyncItem"
import { Context, Effect, Layer, Option } from "effect"
import { pageOr } from "../edge/pageOr.ts"

interface Named {
  readonly sourceId: SyncSourceId
}

interface NamedItem {
  readonly itemId: SyncItemId
}

interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly next?: PageCursor
}

/** What datasets follow, and the pages of it. Changes are part of the caller's transaction. */
export class SyncSources extends Context.Service<SyncSources, {
  readonly list: (
    caller: Caller,
    options: PageOptions & { readonly connectionId?: ConnectionId; readonly datasetId?: DatasetId }
  ) => Effect.Effect<Page<SyncSource>, BadRequest>
  readonly update: (
    caller: Caller,
    change: Named & Partial<SyncRules>
  ) => Effect.Effect<SyncSource, SyncSourceNotFound>
  readonly remove: (caller: Caller, source: Named) => Effect.Effect<void, SyncSourceNotFound>
  readonly items: (
    caller: Caller,
    options: Named & PageOptions & {
      readonly state?: ReadonlyArray<SyncItemState>
      readonly documentId?: DocumentId
    }
  ) => Effect.Effect<Page<SyncItem>, SyncSourceNotFound | BadRequest>
  readonly pause: (caller: Caller, item: NamedItem) => Effect.Effect<SyncItem, SyncItemNotFound>
  readonly resume: (caller: Caller, item: NamedItem) => Effect.Effect<SyncItem, SyncItemNotFound>
}>()("@sheaf/server/syncs/SyncSources") {
  static readonly layer = Layer.effect(
    SyncSources,
    Effect.gen(function*() {
      const items = yield* SyncItemsRepo
      const repo = yield* SyncSourcesRepo
      const syncing = yield* Syncing

      const find = Effect.fnUntraced(function*(caller: Caller, { sourceId }: Named) {
        const found = yield* repo.find(caller, sourceId)
        if (Option.isNone(found)) return yield* new SyncSourceNotFound({ sourceId })
        return found.value
      })

      const findItem = Effect.fnUntraced(function*(caller: Caller, { itemId }: NamedItem) {
        const found = yield* items.find(caller, itemId)
        if (Option.isNone(found)) return yield* new SyncItemNotFound({ itemId })
        return found.value
      })
      const setPaused = (isPaused: boolean) =>
        Effect.fnUntraced(function*(caller: Caller, item: NamedItem) {
          yield* findItem(caller, item)
          yield* items.setPaused(caller.tenantId, item.itemId, isPaused)
          return yield* findItem(caller, item)
        })

      return SyncSources.of({
        list: (caller, options) => pageOr(repo.list(caller, options)),
        update: Effect.fn("SyncSources.update")(function*(caller, { sourceId, ...rules }) {
          yield* find(caller, { sourceId })
          yield* repo.update(caller.tenantId, sourceId, rules)
          return yield* find(caller, { sourceId })
        }),
        remove: Effect.fn("SyncSources.remove")(function*(caller, source) {
          yield* find(caller, source)
          yield* syncing.stop(caller.tenantId, source, { state: "cancelled" })
          yield* repo.remove(caller.tenantId, source.sourceId)
        }),
        items: (caller, options) => Effect.andThen(find(caller, options), pageOr(items.list(caller, options))),
        pause: setPaused(true),
        resume: setPaused(false)
      })
    })
  )
}
