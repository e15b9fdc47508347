/** The client for promises and async iterables: `connect(options)`, its errors and its types. */
export type { IngestEventsListOptions, NewKey } from "./areas/Admin.ts"
/** How the work on a document stands, in a line for people: of a look that `progress` gave, at the time `now`. */
export { describeProgress } from "@sheaf/domain/runs/describeRun"
export type { AnnotationsListOptions, Asked, CreatedAnnotation } from "./areas/Annotations.ts"
export type { AppsListOptions, NewApp, ReplyChange } from "./areas/Apps.ts"
export type { ConnectionItemsOptions, NewConnection } from "./areas/Connections.ts"
export type { PreviewOptions, RetryOptions, RunOptions } from "./areas/control.ts"
export type { DatasetSettings, DatasetsListOptions } from "./areas/Datasets.ts"
export type { DeadLettersFilter, DeadLettersListOptions, DeadLettersSelection } from "./areas/DeadLetters.ts"
export type { ChangedDocument, MetadataOptions, RenameOptions, ReplaceOptions } from "./areas/documentDetails.ts"
export type { DoneOptions, IngestEvent, IngestOptions } from "./areas/Documents.ts"
export type { ImportEvent, ImportFinishOptions, ImportInto, ImportOptions, ImportRowsOptions } from "./areas/Imports.ts"
export type { BatchItem, IngestAllOptions, IngestResult } from "./areas/ingestAll.ts"
export type { DocumentsListOptions, DocumentsPage } from "./areas/lists.ts"
export type { MailsListOptions, NewSubscription } from "./areas/Notifications.ts"
export type { Documents as Selected, FinishOptions, ItemsOptions } from "./areas/Operations.ts"
export type { NewPipeline, PipelinesListOptions } from "./areas/Pipelines.ts"
export type { SegmentChangesOptions, SegmentToAdd, SegmentToEdit } from "./areas/segmentEdits.ts"
export type { SegmentsListOptions } from "./areas/Segments.ts"
export type {
  BeginSync,
  SyncImport,
  SyncItemsOptions,
  SyncResultsOptions,
  SyncsListOptions,
  SyncSourcesOptions
} from "./areas/Syncs.ts"
export type { DeliveriesListOptions, NewWebhook, WebhookWithSecret } from "./areas/Webhooks.ts"
export * from "./errors/all.ts"
export type { Query } from "./makeSheaf.ts"
export type { CallOptions, ClientEvent, DatasetRef, MutationOptions, OnBehalfOf, Page, PageOptions } from "./options.ts"
export { connect, type ConnectOptions } from "./promise.ts"
export type { AnnotationsClient } from "./promise/annotations.ts"
export type { AppsClient } from "./promise/apps.ts"
export type { BulkCall } from "./promise/bulk.ts"
export type { ConnectionsClient } from "./promise/connections.ts"
export type { AcceptedDocument, DocumentHandle, IngestCall, ProgressOptions } from "./promise/DocumentHandle.ts"
export type { ImportsClient } from "./promise/imports.ts"
export type { NotificationsClient } from "./promise/notifications.ts"
export type { PageCall } from "./promise/PageCall.ts"
export type { PipelinesClient } from "./promise/pipelines.ts"
export type { Abortable } from "./promise/Runner.ts"
export type {
  DatasetsClient,
  DocumentsClient,
  KeysClient,
  OperationsClient,
  SegmentsClient,
  SheafClient,
  TenantsClient
} from "./promise/SheafClient.ts"
export type { SyncsClient } from "./promise/syncs.ts"
export type { WebhooksClient } from "./promise/webhooks.ts"
export type { EventsOptions, EventsSnapshot } from "./streams/events.ts"
export type { Seen } from "./streams/watch.ts"
export type * from "./types.ts"
export type { Source, TextSource } from "./upload/Source.ts"
export {
  type ReceivedHeaders,
  type VerifyOptions,
  verifyWebhook,
  type WebhookMessage,
  WebhookUnverified
} from "./webhooks/verifyWebhook.ts"
