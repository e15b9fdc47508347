import type { RpcGroup } from "effect/rpc"
import { AdminRpcs } from "./admin/AdminRpcs.ts"
import { DeadLettersRpcs } from "./admin/DeadLettersRpcs.ts"
import { DriftRpcs } from "./admin/DriftRpcs.ts"
import { InfoRpcs } from "./admin/InfoRpcs.ts"
import { LimitsRpcs } from "./admin/LimitsRpcs.ts"
import { TenantRemovalRpcs } from "./admin/TenantRemovalRpcs.ts"
import { AnnotationsRpcs } from "./annotations/AnnotationsRpcs.ts"
import { AppsRpcs } from "./annotations/AppsRpcs.ts"
import { ConnectionsRpcs } from "./connections/ConnectionsRpcs.ts"
import { DatasetsRpcs } from "./datasets/DatasetsRpcs.ts"
import { AssetsRpcs } from "./documents/AssetsRpcs.ts"
import { ControlRpcs } from "./documents/ControlRpcs.ts"
import { DocumentDetailsRpcs } from "./documents/DocumentDetailsRpcs.ts"
import { VisibilityRpcs } from "./documents/VisibilityRpcs.ts"
import { DocumentsRpcs } from "./documents/DocumentsRpcs.ts"
import type { Scope } from "./edge/Caller.ts"
import { Authentication, Edge } from "./edge/middleware.ts"
import { EventsRpcs } from "./events/EventsRpcs.ts"
import { ImportsRpcs } from "./imports/ImportsRpcs.ts"
import { IngestRpcs } from "./ingest/IngestRpcs.ts"
import { OperationsRpcs } from "./operations/OperationsRpcs.ts"
import { ListsRpcs } from "./documents/ListsRpcs.ts"
import { PipelinesRpcs } from "./pipelines/PipelinesRpcs.ts"
import { SearchRpcs } from "./search/SearchRpcs.ts"
import { SegmentChangesRpcs } from "./segments/SegmentChangesRpcs.ts"
import { SyncsRpcs } from "./syncs/SyncsRpcs.ts"
import { SegmentsRpcs } from "./segments/SegmentsRpcs.ts"
import { SpaceChangesRpcs } from "./spaces/SpaceChangesRpcs.ts"
import { NotificationsRpcs } from "./notifications/NotificationsRpcs.ts"
import { WebhooksRpcs } from "./webhooks/WebhooksRpcs.ts"

/** The whole contract: the one thing that server and SDK name. */
export class ApiRpcs extends DatasetsRpcs.merge(
  DocumentsRpcs,
  AssetsRpcs,
  ConnectionsRpcs,
  ControlRpcs,
  DocumentDetailsRpcs,
  VisibilityRpcs,
  OperationsRpcs,
  SpaceChangesRpcs,
  SegmentsRpcs,
  SegmentChangesRpcs,
  ListsRpcs,
  PipelinesRpcs,
  SyncsRpcs,
  ImportsRpcs,
  AppsRpcs,
  AnnotationsRpcs,
  SearchRpcs,
  EventsRpcs,
  WebhooksRpcs,
  NotificationsRpcs,
  IngestRpcs,
  InfoRpcs,
  AdminRpcs,
  DeadLettersRpcs,
  DriftRpcs,
  TenantRemovalRpcs,
  LimitsRpcs
)
  .middleware(Authentication)
  .middleware(Edge)
{}

export type ApiTag = RpcGroup.Rpcs<typeof ApiRpcs>["_tag"]

/** What a key needs for each operation. An operation without a line here does not compile. */
export const requiredScope: { readonly [Tag in ApiTag]: Scope } = {
  DatasetsCreate: "write",
  DatasetsGet: "read",
  DatasetsList: "read",
  DatasetsUpdate: "write",
  DatasetsDelete: "write",
  DatasetsChangeSpace: "write",
  SpaceChangesList: "read",
  SpaceChangesGet: "read",
  SpaceChangesPause: "write",
  SpaceChangesResume: "write",
  SpaceChangesCancel: "write",
  SpaceChangesRetry: "write",
  DocumentsUpload: "write",
  DocumentsUploadStatus: "write",
  DocumentsUploadDirect: "write",
  DocumentsIngestText: "write",
  DocumentsGet: "read",
  DocumentsList: "read",
  DocumentsQueue: "read",
  DatasetsStatistics: "read",
  DatasetsFields: "read",
  DocumentsRuns: "read",
  DocumentsWatch: "read",
  DocumentsRun: "write",
  DocumentsSettings: "read",
  DocumentsPreview: "read",
  DocumentsPreviewText: "read",
  DocumentsRetry: "write",
  DocumentsPause: "write",
  DocumentsResume: "write",
  DocumentsPrioritise: "write",
  DocumentsBulk: "write",
  OperationsGet: "read",
  OperationsList: "read",
  OperationsItems: "read",
  OperationsCancel: "write",
  DocumentsCancel: "write",
  DocumentsDelete: "write",
  DocumentsRename: "write",
  DocumentsSetMetadata: "write",
  DocumentsReplace: "write",
  DocumentsEnable: "write",
  DocumentsDisable: "write",
  DocumentsArchive: "write",
  DocumentsUnarchive: "write",
  SegmentsEnable: "write",
  SegmentsDisable: "write",
  AssetsList: "read",
  SegmentsList: "read",
  SegmentsGet: "read",
  SegmentsAdd: "write",
  SegmentsEdit: "write",
  SegmentsDelete: "write",
  SegmentsChanges: "read",
  SegmentsForgetChanges: "write",
  PipelinesCreate: "write",
  PipelinesGet: "read",
  PipelinesList: "read",
  PipelinesUpdate: "write",
  PipelinesDelete: "write",
  ImportsCreate: "write",
  ImportsGet: "read",
  ImportsList: "read",
  ImportsRows: "read",
  ImportsCancel: "write",
  AppsCreate: "write",
  AppsGet: "read",
  AppsList: "read",
  AppsUpdate: "write",
  AppsSetReply: "write",
  AppsArchive: "write",
  AppsUnarchive: "write",
  AppsDelete: "write",
  AnnotationsCreate: "write",
  AnnotationsGet: "read",
  AnnotationsList: "read",
  AnnotationsUpdate: "write",
  AnnotationsDelete: "write",
  AnnotationsMatch: "read",
  AnnotationsSimilar: "read",
  AnnotationsHits: "read",
  ConnectionsCreate: "admin",
  ConnectionsGet: "write",
  ConnectionsList: "write",
  ConnectionsUpdate: "admin",
  ConnectionsCheck: "write",
  ConnectionsDisable: "admin",
  ConnectionsEnable: "admin",
  ConnectionsRevoke: "admin",
  ConnectionsDelete: "admin",
  ConnectionsItems: "write",
  SyncsImport: "write",
  SyncsBegin: "write",
  SyncsGet: "read",
  SyncsList: "read",
  SyncsResults: "read",
  SyncsCancel: "write",
  SyncSourcesList: "read",
  SyncSourcesUpdate: "write",
  SyncSourcesDelete: "write",
  SyncItemsList: "read",
  SyncItemsPause: "write",
  SyncItemsResume: "write",
  SearchQuery: "read",
  EventsSubscribe: "read",
  EventsList: "read",
  EventsSnapshot: "read",
  NotificationsSubscribe: "admin",
  NotificationsList: "admin",
  NotificationsMails: "admin",
  NotificationsUnsubscribe: "admin",
  WebhooksCreate: "admin",
  WebhooksGet: "admin",
  WebhooksList: "admin",
  WebhooksUpdate: "admin",
  WebhooksRotate: "admin",
  WebhooksDisable: "admin",
  WebhooksEnable: "admin",
  WebhooksDelete: "admin",
  WebhooksDeliveries: "admin",
  WebhooksRedeliver: "admin",
  WebhooksTest: "admin",
  IngestEventsList: "admin",
  AdminInfo: "read",
  AdminUsage: "read",
  DeadLettersList: "admin",
  DeadLettersRequeue: "admin",
  KeysCreate: "admin",
  KeysList: "admin",
  KeysOwn: "read",
  KeysRevoke: "admin",
  TenantsCreate: "operator",
  TenantsList: "operator",
  DriftLook: "admin",
  DriftReports: "admin",
  DriftLookEverywhere: "operator",
  DriftSummaries: "operator",
  TenantsDelete: "operator",
  TenantsRemovals: "operator",
  TenantsSetState: "operator",
  TenantsUsage: "operator",
  TenantsSetLimits: "operator"
}
