import type { ServerInfo } from "@sheaf/domain/admin/InfoRpcs"
import { Layer } from "effect"
import { DeadLetters } from "./admin/DeadLetters.ts"
import * as AdminHandlers from "./admin/handlers.ts"
import { Info } from "./admin/Info.ts"
import { Keys } from "./admin/Keys.ts"
import { Limits } from "./admin/Limits.ts"
import * as LimitsHandlers from "./admin/limitsHandlers.ts"
import { Drift } from "./admin/Drift.ts"
import * as DriftHandlers from "./admin/driftHandlers.ts"
import * as TenantRemovalHandlers from "./admin/tenantRemovalHandlers.ts"
import { TenantRemovals } from "./admin/TenantRemovals.ts"
import { Tenants } from "./admin/Tenants.ts"
import { Annotations } from "./annotations/Annotations.ts"
import { Apps } from "./annotations/Apps.ts"
import * as AppsHandlers from "./annotations/appsHandlers.ts"
import * as AnnotationsHandlers from "./annotations/handlers.ts"
import { Connections } from "./connections/Connections.ts"
import * as ConnectionsHandlers from "./connections/handlers.ts"
import { Closeness } from "./annotations/match/Closeness.ts"
import { HitLog } from "./annotations/match/HitLog.ts"
import { Matching } from "./annotations/match/Matching.ts"
import { VectorCache } from "./annotations/match/VectorCache.ts"
import { Datasets } from "./datasets/Datasets.ts"
import * as DatasetsHandlers from "./datasets/handlers.ts"
import { SpaceChanges } from "./datasets/SpaceChanges.ts"
import * as SpaceChangesHandlers from "./datasets/spaceChangesHandlers.ts"
import { Assets } from "./documents/Assets.ts"
import * as AssetsHandlers from "./documents/assetsHandlers.ts"
import { Arrivals } from "./documents/Arrivals.ts"
import * as ControlHandlers from "./documents/controlHandlers.ts"
import { DocumentDetails } from "./documents/DocumentDetails.ts"
import * as DocumentDetailsHandlers from "./documents/documentDetailsHandlers.ts"
import { Documents } from "./documents/Documents.ts"
import * as DocumentsHandlers from "./documents/handlers.ts"
import { Visibility } from "./documents/Visibility.ts"
import * as VisibilityHandlers from "./documents/visibilityHandlers.ts"
import { Lists } from "./documents/lists/Lists.ts"
import * as ListsHandlers from "./documents/lists/handlers.ts"
import { Looks } from "./documents/Looks.ts"
import { Pages } from "./documents/Pages.ts"
import { Previews } from "./documents/Previews.ts"
import { Progress } from "./documents/Progress.ts"
import { Runs } from "./documents/Runs.ts"
import { Uploads } from "./documents/uploads/Uploads.ts"
import * as Authentication from "./edge/Authentication.ts"
import * as Edge from "./edge/Edge.ts"
import { Gate } from "./edge/Gate.ts"
import * as Idempotent from "./edge/Idempotent.ts"
import { Mutations } from "./edge/Mutations.ts"
import { Events } from "./events/Events.ts"
import * as EventsHandlers from "./events/handlers.ts"
import * as ImportsHandlers from "./imports/handlers.ts"
import { ImportFiles } from "./imports/ImportFiles.ts"
import { Imports } from "./imports/Imports.ts"
import * as IngestHandlers from "./ingest/handlers.ts"
import { IngestLog } from "./ingest/IngestLog.ts"
import { Bulk } from "./operations/Bulk.ts"
import * as OperationsHandlers from "./operations/handlers.ts"
import * as PipelinesHandlers from "./pipelines/handlers.ts"
import { Pipelines } from "./pipelines/Pipelines.ts"
import * as SearchHandlers from "./search/handlers.ts"
import { QueryLog } from "./search/QueryLog.ts"
import { Search } from "./search/Search.ts"
import * as SegmentsHandlers from "./segments/handlers.ts"
import * as SegmentChangesHandlers from "./segments/segmentChangesHandlers.ts"
import * as SyncsHandlers from "./syncs/handlers.ts"
import { Syncs } from "./syncs/Syncs.ts"
import { SyncSources } from "./syncs/SyncSources.ts"
import { SegmentChanges } from "./segments/SegmentChanges.ts"
import { Segments } from "./segments/Segments.ts"

import * as NotificationsHandlers from "./notifications/handlers.ts"
import { Subscriptions } from "./notifications/Subscriptions.ts"
import { Deliveries } from "./webhooks/Deliveries.ts"
import * as WebhooksHandlers from "./webhooks/handlers.ts"
import { Webhooks } from "./webhooks/Webhooks.ts"

export type OperationsOptions = Pick<typeof ServerInfo.Type, "version" | "profile" | "limits">

const handlers = Layer.mergeAll(
  AdminHandlers.layer,
  AnnotationsHandlers.layer,
  AppsHandlers.layer,
  ConnectionsHandlers.layer,
  ControlHandlers.layer,
  DatasetsHandlers.layer,
  DocumentDetailsHandlers.layer,
  DocumentsHandlers.layer,
  AssetsHandlers.layer,
  EventsHandlers.layer,
  IngestHandlers.layer,
  ImportsHandlers.layer,
  LimitsHandlers.layer,
  OperationsHandlers.layer,
  ListsHandlers.layer,
  PipelinesHandlers.layer,
  SearchHandlers.layer,
  SegmentChangesHandlers.layer,
  SegmentsHandlers.layer,
  SpaceChangesHandlers.layer,
  SyncsHandlers.layer,
  DriftHandlers.layer,
  TenantRemovalHandlers.layer,
  VisibilityHandlers.layer,
  WebhooksHandlers.layer,
  NotificationsHandlers.layer
)

const middleware = Layer.mergeAll(Authentication.layer, Edge.layer, Idempotent.layer)

/** Every operation of the contract and the services behind them, without a transport; open are the adapters' services alone. */
export const layer = (options: OperationsOptions) => {
  const foundation = Layer.mergeAll(Gate.layer, Mutations.layer, Datasets.layer, IngestLog.layer, QueryLog.layer)
  const first = Layer.mergeAll(
    Documents.layer,
    Lists.layer,
    Keys.layer,
    Events.layer,
    Search.layer,
    Layer.provide(Progress.layer, Looks.layer)
  )
  const second = Layer.mergeAll(
    Annotations.layer.pipe(
      Layer.provideMerge(Layer.mergeAll(Apps.layer, Matching.layer)),
      Layer.provide(Layer.merge(HitLog.layer, Layer.provide(Closeness.layer, VectorCache.layer)))
    ),
    Arrivals.layer,
    Assets.layer,
    Bulk.layer,
    Connections.layer,
    Layer.provideMerge(DeadLetters.layer, Runs.layer),
    DocumentDetails.layer,
    Limits.layer,
    Pages.layer,
    Previews.layer,
    Pipelines.layer,
    Imports.layer,
    ImportFiles.layer,
    Layer.provideMerge(SegmentChanges.layer, Segments.layer),
    SpaceChanges.layer,
    Syncs.layer,
    SyncSources.layer,
    Drift.layer,
    TenantRemovals.layer,
    Tenants.layer,
    Visibility.layer,
    Layer.provideMerge(Deliveries.layer, Webhooks.layer),
    Subscriptions.layer,
    Uploads.layer({ maxBytes: options.limits.maxUploadBytes })
  )
  return Layer.merge(handlers, middleware).pipe(
    Layer.provideMerge(Info.layer(options)),
    Layer.provideMerge(second),
    Layer.provideMerge(first),
    Layer.provideMerge(foundation)
  )
}
