import { Layer } from "effect"
import { ApiKeysRepo } from "./access/ApiKeysRepo.ts"
import { AuditLogRepo } from "./access/AuditLogRepo.ts"
import { DatasetsRepo } from "./datasets/DatasetsRepo.ts"
import { DeadLettersRepo } from "./jobs/DeadLettersRepo.ts"
import { DocumentsRepo } from "./documents/DocumentsRepo.ts"
import { EventsRepo } from "./events/EventsRepo.ts"
import { HintsRepo } from "./jobs/HintsRepo.ts"
import { IdempotencyRepo } from "./access/IdempotencyRepo.ts"
import { IngestEventsRepo } from "./events/IngestEventsRepo.ts"
import { Control } from "../lifecycle/Control.ts"
import { IndexSync } from "../lifecycle/IndexSync.ts"
import { Intake } from "./documents/Intake.ts"
import { JobsRepo } from "./jobs/JobsRepo.ts"
import { LeasesRepo } from "./jobs/LeasesRepo.ts"
import { PublicationsRepo } from "./events/PublicationsRepo.ts"
import { PurgeRepo } from "./documents/PurgeRepo.ts"
import { OwedEntriesRepo } from "./segments/OwedEntriesRepo.ts"
import { QueryLogRepo } from "./search/QueryLogRepo.ts"
import { RunControlRepo } from "./runs/RunControlRepo.ts"
import { RunsRepo } from "./runs/RunsRepo.ts"
import { SegmentsRepo } from "./segments/SegmentsRepo.ts"
import { StandingRepo } from "./documents/StandingRepo.ts"
import { SpacesRepo } from "./spaces/SpacesRepo.ts"
import { TenantsRepo } from "./access/TenantsRepo.ts"
import { UploadsRepo } from "./documents/UploadsRepo.ts"
import { VectorsRepo } from "./segments/VectorsRepo.ts"

const repositories = Layer.mergeAll(
  ApiKeysRepo.layer,
  AuditLogRepo.layer,
  DatasetsRepo.layer,
  DeadLettersRepo.layer,
  DocumentsRepo.layer,
  EventsRepo.layer,
  HintsRepo.layer,
  IdempotencyRepo.layer,
  IngestEventsRepo.layer,
  JobsRepo.layer,
  LeasesRepo.layer,
  OwedEntriesRepo.layer,
  PublicationsRepo.layer,
  PurgeRepo.layer,
  QueryLogRepo.layer,
  RunControlRepo.layer,
  RunsRepo.layer,
  SegmentsRepo.layer,
  SpacesRepo.layer,
  StandingRepo.layer,
  TenantsRepo.layer,
  UploadsRepo.layer,
  VectorsRepo.layer
)

/** Every repository, and what is built on several of them; open are the database and the signals. */
export const layer = Control.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(Intake.layer, IndexSync.layer)),
  Layer.provideMerge(repositories)
)
