import { Schema } from "effect"
import { FailureCause } from "../documents/FailureCause.ts"
import {
  ConnectionId,
  DatasetId,
  DocumentId,
  EventCursor,
  ImportId,
  OperationId,
  RunId,
  SpaceChangeId,
  SpaceId,
  SyncId,
  SyncSourceId,
  WebhookId
} from "../ids.ts"
import { ImportTarget } from "../imports/ImportTarget.ts"
import { Sync, SyncTrigger } from "../syncs/Sync.ts"
import { SpaceChangeCause } from "../spaces/SpaceChange.ts"
import { Timestamp } from "../time.ts"
import { DocumentChange, SegmentsChange } from "./changes.ts"

const ofDocument = { datasetId: DatasetId, documentId: DocumentId } as const

/** What happened. Written in the transaction that made it so. */
export const EventBody = Schema.TaggedUnion({
  DatasetCreated: { datasetId: DatasetId, name: Schema.String },
  /** Purged, like a document. `removed` is absent in events of earlier releases. */
  DatasetDeleted: {
    datasetId: DatasetId,
    removed: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int))
  },
  /** Searches look into another space; the segments are the same. */
  SpaceChanged: { datasetId: DatasetId, changeId: SpaceChangeId, from: SpaceId, to: SpaceId, segments: Schema.Int },
  /** A move to another space stands still. */
  SpaceChangeFailed: { datasetId: DatasetId, changeId: SpaceChangeId, cause: SpaceChangeCause },
  DocumentAccepted: { ...ofDocument, runId: RunId, name: Schema.String },
  /** It has other bytes now; the version before them serves until they are published. */
  DocumentReplaced: { ...ofDocument, runId: RunId, name: Schema.String },
  DocumentPublished: { ...ofDocument, runId: RunId, pages: Schema.Int, segments: Schema.Int, tokens: Schema.Int },
  DocumentFailed: { ...ofDocument, runId: RunId, cause: FailureCause },
  RunCancelled: { ...ofDocument, runId: RunId },
  /** Flags, name or metadata. Searches know it once the index does: see the document's `indexState`. */
  DocumentChanged: { ...ofDocument, changes: Schema.Array(DocumentChange) },
  /** `count` segments of the published version. */
  SegmentsChanged: { ...ofDocument, change: SegmentsChange, count: Schema.Int },
  /** Purged: rows, index entries and blobs were counted as zero. `removed` says how many there were. */
  DocumentDeleted: { ...ofDocument, removed: Schema.Record(Schema.String, Schema.Int) },
  /** A batch of rows was carried out; told when another hundredth of all rows is done. For who began it alone. */
  ImportProgressed: {
    datasetId: Schema.Null,
    importId: ImportId,
    target: ImportTarget,
    total: Schema.Int,
    pending: Schema.Int,
    created: Schema.Int,
    overwritten: Schema.Int,
    skipped: Schema.Int,
    failed: Schema.Int
  },
  /** For who began it alone. `failed` is also the state of one that stopped on its way. */
  ImportFinished: {
    datasetId: Schema.Null,
    importId: ImportId,
    target: ImportTarget,
    state: Schema.Literals(["finished", "failed", "cancelled"]),
    total: Schema.Int,
    created: Schema.Int,
    overwritten: Schema.Int,
    skipped: Schema.Int,
    failed: Schema.Int
  },
  /** A comparison with what the dataset follows is over; `counts` by what became of the items. */
  SyncFinished: {
    datasetId: DatasetId,
    sourceId: SyncSourceId,
    syncId: SyncId,
    /** Absent in events of earlier releases. */
    trigger: Schema.optionalKey(SyncTrigger),
    state: Schema.Literals(["finished", "failed", "cancelled"]),
    total: Schema.Int,
    counts: Sync.fields.counts
  },
  /** The workspace does not accept the token any more; `name` is that of the connection. For who made it, and administrators. */
  ConnectionRevoked: {
    datasetId: Schema.Null,
    connectionId: ConnectionId,
    name: Schema.String,
    reason: Schema.String
  },
  /** An action on many documents is over. `datasetId` is `null` where they were named: then it is for who began it alone. */
  OperationFinished: {
    datasetId: Schema.NullOr(DatasetId),
    operationId: OperationId,
    action: Schema.String,
    state: Schema.Literals(["finished", "cancelled"]),
    total: Schema.Int,
    done: Schema.Int,
    skipped: Schema.Int,
    failed: Schema.Int
  },
  /** The receiver does not want any more, or nothing got through to it. For who made it, and administrators. */
  WebhookDisabled: { datasetId: Schema.Null, webhookId: WebhookId, reason: Schema.Literals(["gone", "failing"]) }
})
export type EventBody = typeof EventBody.Type

/** An event of a tenant's log. Cursors grow in commit order: a reader that goes on after one skips nothing. */
export const Event = Schema.Struct({ cursor: EventCursor, at: Timestamp, body: EventBody })
export type Event = typeof Event.Type
