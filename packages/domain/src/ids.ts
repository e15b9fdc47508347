import { Schema } from "effect"

/** Every thing that Sheaf keeps is named by a UUID: version 7 for things, version 5 for segments (a function of content). */
const uuid = Schema.String.check(Schema.isUUID())

export const TenantId = uuid.pipe(Schema.brand("TenantId"))
export type TenantId = typeof TenantId.Type

export const ApiKeyId = uuid.pipe(Schema.brand("ApiKeyId"))
export type ApiKeyId = typeof ApiKeyId.Type

export const DatasetId = uuid.pipe(Schema.brand("DatasetId"))
export type DatasetId = typeof DatasetId.Type

export const DocumentId = uuid.pipe(Schema.brand("DocumentId"))
export type DocumentId = typeof DocumentId.Type

export const RunId = uuid.pipe(Schema.brand("RunId"))
export type RunId = typeof RunId.Type

export const WorkUnitId = uuid.pipe(Schema.brand("WorkUnitId"))
export type WorkUnitId = typeof WorkUnitId.Type

export const SegmentId = uuid.pipe(Schema.brand("SegmentId"))
export type SegmentId = typeof SegmentId.Type

/** What somebody did by hand to a segment. */
export const SegmentChangeId = uuid.pipe(Schema.brand("SegmentChangeId"))
export type SegmentChangeId = typeof SegmentChangeId.Type

export const JobId = uuid.pipe(Schema.brand("JobId"))
export type JobId = typeof JobId.Type

export const ReconciliationId = uuid.pipe(Schema.brand("ReconciliationId"))
export type ReconciliationId = typeof ReconciliationId.Type

export const UploadId = uuid.pipe(Schema.brand("UploadId"))
export type UploadId = typeof UploadId.Type

export const OperationId = uuid.pipe(Schema.brand("OperationId"))
export type OperationId = typeof OperationId.Type

/** Rows of a file that are carried out one after the other. */
export const ImportId = uuid.pipe(Schema.brand("ImportId"))
export type ImportId = typeof ImportId.Type

export const PipelineId = uuid.pipe(Schema.brand("PipelineId"))
export type PipelineId = typeof PipelineId.Type

/** The credential of a workspace elsewhere. */
export const ConnectionId = uuid.pipe(Schema.brand("ConnectionId"))
export type ConnectionId = typeof ConnectionId.Type

export const AppId = uuid.pipe(Schema.brand("AppId"))
export type AppId = typeof AppId.Type

export const AnnotationId = uuid.pipe(Schema.brand("AnnotationId"))
export type AnnotationId = typeof AnnotationId.Type

export const WebhookId = uuid.pipe(Schema.brand("WebhookId"))
export type WebhookId = typeof WebhookId.Type

export const DeliveryId = uuid.pipe(Schema.brand("DeliveryId"))
export type DeliveryId = typeof DeliveryId.Type

/** Somebody who is mailed of what happens. */
export const SubscriptionId = uuid.pipe(Schema.brand("SubscriptionId"))
export type SubscriptionId = typeof SubscriptionId.Type

export const MailId = uuid.pipe(Schema.brand("MailId"))
export type MailId = typeof MailId.Type

/** Proves to the database that the writer still holds the job it works on. */
export const LeaseToken = uuid.pipe(Schema.brand("LeaseToken"))
export type LeaseToken = typeof LeaseToken.Type

/** Hash of everything that makes two vectors comparable; lower-case hex, so that it may name tables and collections. */
export const SpaceId = Schema.String.check(Schema.isPattern(/^[0-9a-f]{16}$/, { expected: "16 lower-case hex digits" }))
  .pipe(Schema.brand("SpaceId"))
export type SpaceId = typeof SpaceId.Type

export const SpaceChangeId = uuid.pipe(Schema.brand("SpaceChangeId"))
export type SpaceChangeId = typeof SpaceChangeId.Type

/** Lower-case hex SHA-256. */
export const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u, { expected: "64 lower-case hex digits" }))
  .pipe(Schema.brand("Sha256"))
export type Sha256 = typeof Sha256.Type

/** Position in a tenant's event log: the number of the last event seen. `0` is before the first. */
export const EventCursor = Schema.String.check(
  Schema.isPattern(/^(0|[1-9][0-9]{0,17})$/u, { expected: "the number of an event, or 0" })
).pipe(
  Schema.brand("EventCursor")
)
export type EventCursor = typeof EventCursor.Type

/** Opaque position in a list; valid only for the list and the sorting that gave it. */
export const PageCursor = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9_-]{1,512}$/, { expected: "a cursor as an earlier answer gave it" })
).pipe(
  Schema.brand("PageCursor")
)
export type PageCursor = typeof PageCursor.Type

/** What of a connection a dataset follows. */
export const SyncSourceId = uuid.pipe(Schema.brand("SyncSourceId"))
export type SyncSourceId = typeof SyncSourceId.Type

/** A comparison of a dataset with what it follows. */
export const SyncId = uuid.pipe(Schema.brand("SyncId"))
export type SyncId = typeof SyncId.Type

/** A page that a dataset follows. */
export const SyncItemId = uuid.pipe(Schema.brand("SyncItemId"))
export type SyncItemId = typeof SyncItemId.Type
