import { Layer } from "effect"
import { AnnotationListsRepo } from "./annotations/AnnotationListsRepo.ts"
import { AnnotationsRepo } from "./annotations/AnnotationsRepo.ts"
import { AnnotationHitsRepo } from "./annotations/AnnotationHitsRepo.ts"
import { AnnotationMatchesRepo } from "./annotations/AnnotationMatchesRepo.ts"
import { AnnotationVectorsRepo } from "./annotations/AnnotationVectorsRepo.ts"
import { AppsRepo } from "./annotations/AppsRepo.ts"
import { ApiKeysRepo } from "./access/ApiKeysRepo.ts"
import { AssetsRepo } from "./documents/AssetsRepo.ts"
import { AttachmentsRepo } from "./documents/AttachmentsRepo.ts"
import { ConnectionsRepo } from "./connections/ConnectionsRepo.ts"
import { AuditLogRepo } from "./access/AuditLogRepo.ts"
import { DatasetsRepo } from "./datasets/DatasetsRepo.ts"
import { DeadLettersRepo } from "./jobs/DeadLettersRepo.ts"
import { ContentsRepo } from "./documents/ContentsRepo.ts"
import { DetailsRepo } from "./documents/DetailsRepo.ts"
import { DocumentSecretsRepo } from "./documents/DocumentSecretsRepo.ts"
import { DocumentsRepo } from "./documents/DocumentsRepo.ts"
import { FiguresRepo } from "./documents/FiguresRepo.ts"
import { ListsRepo } from "./documents/ListsRepo.ts"
import { EventsRepo } from "./events/EventsRepo.ts"
import { HintsRepo } from "./jobs/HintsRepo.ts"
import { IdempotencyRepo } from "./access/IdempotencyRepo.ts"
import { ImportsRepo } from "./imports/ImportsRepo.ts"
import { ImportWorkRepo } from "./imports/ImportWorkRepo.ts"
import { SameSegmentsRepo } from "./imports/SameSegmentsRepo.ts"
import { IngestEventsRepo } from "./events/IngestEventsRepo.ts"
import { AnnotationSync } from "../lifecycle/AnnotationSync.ts"
import { Replying } from "../lifecycle/Replying.ts"
import { Annotating } from "../lifecycle/Annotating.ts"
import { ConnectionAccess } from "../lifecycle/ConnectionAccess.ts"
import { Control } from "../lifecycle/Control.ts"
import { Details } from "../lifecycle/Details.ts"
import { IndexSync } from "../lifecycle/IndexSync.ts"
import * as Notion from "../notion/notion.ts"
import { Enablement } from "../lifecycle/Enablement.ts"
import { EnablementRepo } from "./documents/EnablementRepo.ts"
import { Intake } from "./documents/Intake.ts"
import { JobsRepo } from "./jobs/JobsRepo.ts"
import { LeasesRepo } from "./jobs/LeasesRepo.ts"
import { PublicationsRepo } from "./events/PublicationsRepo.ts"
import { PurgeRepo } from "./documents/PurgeRepo.ts"
import { OperationsRepo } from "./operations/OperationsRepo.ts"
import { OwedEntriesRepo } from "./segments/OwedEntriesRepo.ts"
import { QuotasRepo } from "./access/QuotasRepo.ts"
import { GivenKeywordsRepo } from "./pipelines/GivenKeywordsRepo.ts"
import { PipelineSecretsRepo } from "./pipelines/PipelineSecretsRepo.ts"
import { PipelinesRepo } from "./pipelines/PipelinesRepo.ts"
import { ProgressRepo } from "./documents/ProgressRepo.ts"
import { QueueRepo } from "./documents/QueueRepo.ts"
import { LagRepo } from "./search/LagRepo.ts"
import { QueryLogRepo } from "./search/QueryLogRepo.ts"
import { HistoryRepo } from "./runs/HistoryRepo.ts"
import { RunControlRepo } from "./runs/RunControlRepo.ts"
import { RunsRepo } from "./runs/RunsRepo.ts"
import { KeptChangesRepo } from "./segments/KeptChangesRepo.ts"
import { MembershipRepo } from "./segments/MembershipRepo.ts"
import { SegmentChangesRepo } from "./segments/SegmentChangesRepo.ts"
import { SegmentEdits } from "../lifecycle/SegmentEdits.ts"
import { SegmentsRepo } from "./segments/SegmentsRepo.ts"
import { StandingRepo } from "./documents/StandingRepo.ts"
import { SpaceChangesRepo } from "./spaces/SpaceChangesRepo.ts"
import { SpaceControl } from "../lifecycle/SpaceControl.ts"
import { SpacePagesRepo } from "./spaces/SpacePagesRepo.ts"
import { SpacesRepo } from "./spaces/SpacesRepo.ts"
import { SnapshotRepo } from "./events/SnapshotRepo.ts"
import { TenantsRepo } from "./access/TenantsRepo.ts"
import { Syncing } from "../lifecycle/Syncing.ts"
import { Removal } from "../lifecycle/Removal.ts"
import { AssetDriftRepo } from "./upkeep/AssetDriftRepo.ts"
import { DocumentDriftRepo } from "./upkeep/DocumentDriftRepo.ts"
import { IndexDriftRepo } from "./upkeep/IndexDriftRepo.ts"
import { ReconciliationsRepo } from "./upkeep/ReconciliationsRepo.ts"
import { RetentionRepo } from "./upkeep/RetentionRepo.ts"
import { RunDriftRepo } from "./upkeep/RunDriftRepo.ts"
import { StoreDriftRepo } from "./upkeep/StoreDriftRepo.ts"
import { SyncItemsRepo } from "./syncs/SyncItemsRepo.ts"
import { SyncSourcesRepo } from "./syncs/SyncSourcesRepo.ts"
import { SyncsRepo } from "./syncs/SyncsRepo.ts"
import { SyncTurnsRepo } from "./syncs/SyncTurnsRepo.ts"
import { TenantTablesRepo } from "./upkeep/TenantTablesRepo.ts"
import { TombstonesRepo } from "./upkeep/TombstonesRepo.ts"
import { UploadsRepo } from "./documents/UploadsRepo.ts"
import { VectorsRepo } from "./segments/VectorsRepo.ts"
import { MailListsRepo } from "./notifications/MailListsRepo.ts"
import { MailsRepo } from "./notifications/MailsRepo.ts"
import { SubscriptionsRepo } from "./notifications/SubscriptionsRepo.ts"
import { DeliveriesRepo } from "./webhooks/DeliveriesRepo.ts"
import { FollowedEventsRepo } from "./webhooks/FollowedEventsRepo.ts"
import { WebhookSecretsRepo } from "./webhooks/WebhookSecretsRepo.ts"
import { WebhooksRepo } from "./webhooks/WebhooksRepo.ts"

const repositories = Layer.mergeAll(
  AnnotationListsRepo.layer,
  AnnotationsRepo.layer,
  AnnotationHitsRepo.layer,
  AnnotationMatchesRepo.layer,
  AnnotationVectorsRepo.layer,
  ApiKeysRepo.layer,
  AppsRepo.layer,
  AssetsRepo.layer,
  AttachmentsRepo.layer,
  AuditLogRepo.layer,
  ConnectionsRepo.layer,
  ContentsRepo.layer,
  DatasetsRepo.layer,
  DeadLettersRepo.layer,
  DetailsRepo.layer,
  DocumentSecretsRepo.layer,
  DocumentsRepo.layer,
  FiguresRepo.layer,
  ListsRepo.layer,
  EnablementRepo.layer,
  EventsRepo.layer,
  HintsRepo.layer,
  HistoryRepo.layer,
  IdempotencyRepo.layer,
  ImportsRepo.layer,
  ImportWorkRepo.layer,
  SameSegmentsRepo.layer,
  IngestEventsRepo.layer,
  JobsRepo.layer,
  LagRepo.layer,
  LeasesRepo.layer,
  OperationsRepo.layer,
  OwedEntriesRepo.layer,
  GivenKeywordsRepo.layer,
  PipelineSecretsRepo.layer,
  PipelinesRepo.layer,
  PublicationsRepo.layer,
  PurgeRepo.layer,
  QueryLogRepo.layer,
  ProgressRepo.layer,
  QueueRepo.layer,
  QuotasRepo.layer,
  RunControlRepo.layer,
  RunsRepo.layer,
  KeptChangesRepo.layer,
  MembershipRepo.layer,
  SegmentChangesRepo.layer,
  SegmentsRepo.layer,
  SpaceChangesRepo.layer,
  SpacePagesRepo.layer,
  SpacesRepo.layer,
  StandingRepo.layer,
  AssetDriftRepo.layer,
  DocumentDriftRepo.layer,
  IndexDriftRepo.layer,
  RetentionRepo.layer,
  RunDriftRepo.layer,
  StoreDriftRepo.layer,
  TenantTablesRepo.layer,
  SnapshotRepo.layer,
  SyncItemsRepo.layer,
  SyncSourcesRepo.layer,
  SyncsRepo.layer,
  SyncTurnsRepo.layer,
  TenantsRepo.layer,
  TombstonesRepo.layer,
  UploadsRepo.layer,
  VectorsRepo.layer,
  FollowedEventsRepo.layer,
  SubscriptionsRepo.layer,
  MailListsRepo.layer,
  WebhookSecretsRepo.layer,
  WebhooksRepo.layer
)

/** Every repository, and what is built on several of them; open are the database and the signals. */
export const layer = Removal.layer.pipe(
  Layer.provideMerge(
    Layer.mergeAll(
      Annotating.layer,
      Replying.layer,
      ConnectionAccess.layer,
      Control.layer,
      Details.layer,
      Enablement.layer,
      SegmentEdits.layer
    )
  ),
  Layer.provideMerge(
    Layer.mergeAll(
      AnnotationSync.layer,
      DeliveriesRepo.layer,
      MailsRepo.layer,
      Intake.layer,
      IndexSync.layer,
      ReconciliationsRepo.layer,
      SpaceControl.layer,
      Syncing.layer
    )
  ),
  Layer.provideMerge(Notion.layer),
  Layer.provideMerge(repositories)
)
