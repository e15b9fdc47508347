import { Schema } from "effect"
import { DocumentId, RunId, SyncId, SyncItemId, SyncSourceId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { SyncResult, UnreachableReason } from "./SyncResult.ts"

/**
 * `present`: the document serves what was read of the page last. `changed`: it does not yet, or the run that was to make it so has failed.
 * `unreachable`: the page could not be read the last time. `gone`: deleted in the source, or not shared any more. `paused`: left alone until
 * somebody resumes it.
 */
export const SyncItemState = Schema.Literals(["present", "changed", "unreachable", "gone", "paused"])
export type SyncItemState = typeof SyncItemState.Type

/** A page that a dataset follows, and the document that it is there. */
export class SyncItem extends Schema.Class<SyncItem>("@sheaf/domain/syncs/SyncItem/SyncItem")({
  id: SyncItemId,
  sourceId: SyncSourceId,
  externalId: Schema.String,
  /** The page or database that it lies in, where it is known. */
  parentId: Schema.NullOr(Schema.String),
  title: Schema.String,
  url: Schema.NullOr(Schema.String),
  /** `null` before the first version, and where it was deleted here. */
  documentId: Schema.NullOr(DocumentId),
  state: SyncItemState,
  reason: Schema.NullOr(UnreachableReason),
  /** Of the version that serves: `null` where what serves is not what was read last. */
  editedAt: Schema.NullOr(Timestamp),
  /** When it was read last. */
  fetchedAt: Schema.NullOr(Timestamp),
  /** What the newest sync that looked at it made of it. */
  lastResult: Schema.NullOr(SyncResult),
  lastSyncId: Schema.NullOr(SyncId)
}) {}

/** What one sync made of one item; `null`: its turn has not come. */
export class SyncItemResult extends Schema.Class<SyncItemResult>("@sheaf/domain/syncs/SyncItem/SyncItemResult")({
  itemId: SyncItemId,
  externalId: Schema.String,
  title: Schema.String,
  documentId: Schema.NullOr(DocumentId),
  /** Of a version whose run has failed since, that it failed. */
  result: Schema.NullOr(SyncResult),
  /** The run that builds, or has built, the new version. */
  runId: Schema.NullOr(RunId),
  /** Changes by hand that the new version had to be built without; the run and `SegmentsChanges` name them. */
  conflicts: Schema.Int,
  finishedAt: Schema.NullOr(Timestamp)
}) {}
