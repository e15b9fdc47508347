import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { ConnectionNotFound, ConnectionUnusable } from "../connections/errors.ts"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { ConnectionId, DatasetId, DocumentId, SyncId, SyncItemId, SyncSourceId } from "../ids.ts"
import { NotSynced, SyncItemNotFound, SyncNotFound, SyncOver, SyncSourceNotFound } from "./errors.ts"
import { SyncRules, SyncSelection, SyncSource } from "./Source.ts"
import { Sync } from "./Sync.ts"
import { SyncItem, SyncItemResult, SyncItemState } from "./SyncItem.ts"
import { ResultName } from "./SyncResult.ts"

const rules = {
  everyMinutes: Schema.optionalKey(SyncRules.fields.everyMinutes),
  onGone: Schema.optionalKey(SyncRules.fields.onGone),
  maxMissing: Schema.optionalKey(SyncRules.fields.maxMissing)
} as const

const waitMs = Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30_000 })))

/** Datasets that follow what lies elsewhere. */
export class SyncsRpcs extends RpcGroup.make(
  /**
   * Makes documents of pages, and has the dataset follow them from now on. What the source followed before, it goes on to follow; a page
   * whose document was deleted here is imported again where it is named.
   */
  mutation("SyncsImport", {
    payload: { connectionId: ConnectionId, datasetId: DatasetId, selection: SyncSelection, ...rules },
    success: Sync,
    error: Schema.Union([ConnectionNotFound, ConnectionUnusable, DatasetNotFound])
  }),
  /**
   * Compares with the source: everything that it follows, or some documents alone. While one of everything is at work, that one is the
   * answer. `confirmMissing`: it is known that many pages are gone.
   */
  mutation("SyncsBegin", {
    payload: {
      sourceId: SyncSourceId,
      documentIds: Schema.optionalKey(Schema.Array(DocumentId).check(Schema.isBetweenLength(1, 100))),
      confirmMissing: Schema.optionalKey(Schema.Boolean)
    },
    success: Sync,
    error: Schema.Union([SyncSourceNotFound, ConnectionUnusable, NotSynced])
  }),
  /** With `waitMs` (at most 30,000) it waits for the end of the sync, and answers how it stands then. */
  Rpc.make("SyncsGet", { payload: { syncId: SyncId, waitMs }, success: Sync, error: SyncNotFound }),
  /** Newest first. */
  Rpc.make("SyncsList", {
    payload: { sourceId: Schema.optionalKey(SyncSourceId), ...PageFields },
    success: Page(Sync),
    error: BadRequest
  }),
  /** Items that were fetched, are gone, or are still to have their turn; pages whose listing said that nothing changed are only counted. */
  Rpc.make("SyncsResults", {
    payload: { syncId: SyncId, result: Schema.optionalKey(ResultName), ...PageFields },
    success: Page(SyncItemResult),
    error: Schema.Union([SyncNotFound, BadRequest])
  }),
  /** Items whose turn has not come are left as they are; what was done stays done. */
  mutation("SyncsCancel", {
    payload: { syncId: SyncId },
    success: Sync,
    error: Schema.Union([SyncNotFound, SyncOver])
  }),
  Rpc.make("SyncSourcesList", {
    payload: {
      connectionId: Schema.optionalKey(ConnectionId),
      datasetId: Schema.optionalKey(DatasetId),
      ...PageFields
    },
    success: Page(SyncSource),
    error: BadRequest
  }),
  mutation("SyncSourcesUpdate", {
    payload: { sourceId: SyncSourceId, ...rules },
    success: SyncSource,
    error: SyncSourceNotFound
  }),
  /** The dataset follows it no longer; its documents stay as they are. */
  mutation("SyncSourcesDelete", { payload: { sourceId: SyncSourceId }, error: SyncSourceNotFound }),
  /** By id of the item. */
  Rpc.make("SyncItemsList", {
    payload: {
      sourceId: SyncSourceId,
      state: Schema.optionalKey(Schema.Array(SyncItemState)),
      documentId: Schema.optionalKey(DocumentId),
      ...PageFields
    },
    success: Page(SyncItem),
    error: Schema.Union([SyncSourceNotFound, BadRequest])
  }),
  /** Its document stays as it is, whatever becomes of the page. */
  mutation("SyncItemsPause", { payload: { itemId: SyncItemId }, success: SyncItem, error: SyncItemNotFound }),
  mutation("SyncItemsResume", { payload: { itemId: SyncItemId }, success: SyncItem, error: SyncItemNotFound })
) {}
