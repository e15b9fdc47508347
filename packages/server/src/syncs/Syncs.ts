import { Syncing } from "@sheaf/adapters/lifecycle/Syncing"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { EventsRepo } from "@sheaf/adapters/repos/events/EventsRepo"
import { SyncItemsRepo } from "@sheaf/adapters/repos/syncs/SyncItemsRepo"
import { SyncsRepo } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import { SyncSourcesRepo } from "@sheaf/adapters/repos/syncs/SyncSourcesRepo"
import type { ConnectionNotFound, ConnectionUnusable } from "@sheaf/domain/connections/errors"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { ConnectionId, DatasetId, DocumentId, PageCursor, SyncId, SyncSourceId } from "@sheaf/domain/ids"
import { NotSynced, SyncNotFound, SyncOver, SyncSourceNotFound } from "@sheaf/domain/syncs/errors"
import { canonical, type SyncRules, type SyncSelection } from "@sheaf/domain/syncs/Source"
import { isOver, type Sync } from "@sheaf/domain/syncs/Sync"
import type { SyncItemResult } from "@sheaf/domain/syncs/SyncItem"
import type { ResultName } from "@sheaf/domain/syncs/SyncResult"
import { Context, Effect, Layer, Option } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { lookUntil } from "../edge/lookUntil.ts"
import { pageOr } from "../edge/pageOr.ts"
import { usableConnections } from "./usable.ts"

interface Named {
  readonly syncId: SyncId
}

interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly next?: PageCursor
}

/** Comparisons of datasets with what they follow. Changes are part of the caller's transaction; a job carries them out. */
export class Syncs extends Context.Service<Syncs, {
  readonly import: (
    caller: Caller,
    what: Partial<SyncRules> & {
      readonly connectionId: ConnectionId
      readonly datasetId: DatasetId
      readonly selection: SyncSelection
    }
  ) => Effect.Effect<Sync, ConnectionNotFound | ConnectionUnusable | DatasetNotFound>
  readonly begin: (caller: Caller, what: {
    readonly sourceId: SyncSourceId
    readonly documentIds?: ReadonlyArray<DocumentId>
    readonly confirmMissing?: boolean
  }) => Effect.Effect<Sync, SyncSourceNotFound | ConnectionUnusable | NotSynced>
  readonly get: (caller: Caller, sync: Named & { readonly waitMs?: number }) => Effect.Effect<Sync, SyncNotFound>
  readonly list: (
    caller: Caller,
    options: PageOptions & { readonly sourceId?: SyncSourceId }
  ) => Effect.Effect<Page<Sync>, BadRequest>
  readonly results: (
    caller: Caller,
    options: Named & PageOptions & { readonly result?: ResultName }
  ) => Effect.Effect<Page<SyncItemResult>, SyncNotFound | BadRequest>
  readonly cancel: (caller: Caller, sync: Named) => Effect.Effect<Sync, SyncNotFound | SyncOver>
}>()("@sheaf/server/syncs/Syncs") {
  static readonly layer = Layer.effect(
    Syncs,
    Effect.gen(function*() {
      const datasets = yield* Datasets
      const events = yield* EventsRepo
      const items = yield* SyncItemsRepo
      const repo = yield* SyncsRepo
      const sources = yield* SyncSourcesRepo
      const syncing = yield* Syncing
      const usable = yield* usableConnections

      const find = Effect.fnUntraced(function*(caller: Caller, { syncId }: Named) {
        const found = yield* repo.find(caller, syncId)
        if (Option.isNone(found)) return yield* new SyncNotFound({ syncId })
        return found.value
      })

      const bring: Syncs["Service"]["import"] = Effect.fn("Syncs.import")(
        function*(caller, { connectionId, datasetId, selection, ...rules }) {
          const { tenantId } = caller
          yield* usable(tenantId, connectionId)
          yield* datasets.get(caller, { datasetId })
          const chosen = selection === "all" ? selection : [...new Set(selection.map(canonical))]
          const sourceId = yield* sources.extend(caller, { connectionId, datasetId, selection: chosen, rules })
          yield* items.forgetDeleted(tenantId, sourceId, chosen)
          const syncId = yield* syncing.begin(caller, { sourceId, trigger: "import", lane: "interactive" })
          return yield* Effect.orDie(find(caller, { syncId }))
        }
      )

      const begin: Syncs["Service"]["begin"] = Effect.fn("Syncs.begin")(
        function*(caller, { confirmMissing = false, documentIds, sourceId }) {
          const { tenantId } = caller
          const source = yield* sources.find(caller, sourceId)
          if (Option.isNone(source)) return yield* new SyncSourceNotFound({ sourceId })
          yield* Effect.catchTag(
            usable(tenantId, source.value.connectionId),
            "ConnectionNotFound",
            // Deleted at this moment, and the source with it.
            () => Effect.fail(new SyncSourceNotFound({ sourceId }))
          )
          const found = documentIds === undefined
            ? undefined
            : yield* items.ofDocuments(tenantId, sourceId, documentIds)
          const absent = documentIds?.find((id) => found?.every(({ documentId }) => documentId !== id))
          if (absent !== undefined) return yield* new NotSynced({ documentId: absent })
          const syncId = yield* syncing.begin(caller, {
            sourceId,
            trigger: "asked",
            lane: "interactive",
            confirmed: confirmMissing,
            ...(found !== undefined && { items: found.map(({ itemId }) => itemId) })
          })
          return yield* Effect.orDie(find(caller, { syncId }))
        }
      )

      const get: Syncs["Service"]["get"] = Effect.fn("Syncs.get")(function*(caller, { waitMs, ...named }) {
        return yield* lookUntil(find(caller, named), { waitMs, isEnough: ({ state }) => isOver(state) })
      })

      const cancel: Syncs["Service"]["cancel"] = Effect.fn("Syncs.cancel")(function*(caller, named) {
        const { syncId } = named
        yield* find(caller, named)
        const isOurs = yield* repo.end(caller.tenantId, syncId, "cancelled")
        const sync = yield* find(caller, named)
        const { counts, datasetId, sourceId, state, total, trigger } = sync
        if (!isOurs) return yield* new SyncOver({ syncId, state })
        yield* events.append(
          caller.tenantId,
          { _tag: "SyncFinished", datasetId, sourceId, syncId, trigger, state: "cancelled", total, counts }
        )
        return sync
      })

      return Syncs.of({
        import: bring,
        begin,
        get,
        list: (caller, options) => pageOr(repo.list(caller, options)),
        results: (caller, options) =>
          Effect.andThen(find(caller, options), pageOr(items.results(caller.tenantId, options))),
        cancel
      })
    })
  )
}
