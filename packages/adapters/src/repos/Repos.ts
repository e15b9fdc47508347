import { Layer } from "effect"
import { ApiKeysRepo } from "./ApiKeysRepo.ts"
import { AuditLogRepo } from "./AuditLogRepo.ts"
import { DatasetsRepo } from "./DatasetsRepo.ts"
import { DeadLettersRepo } from "./DeadLettersRepo.ts"
import { DocumentsRepo } from "./DocumentsRepo.ts"
import { EventsRepo } from "./EventsRepo.ts"
import { HintsRepo } from "./HintsRepo.ts"
import { IdempotencyRepo } from "./IdempotencyRepo.ts"
import { IngestEventsRepo } from "./IngestEventsRepo.ts"
import { Intake } from "./Intake.ts"
import { JobsRepo } from "./JobsRepo.ts"
import { LeasesRepo } from "./LeasesRepo.ts"
import { PublicationsRepo } from "./PublicationsRepo.ts"
import { PurgeRepo } from "./PurgeRepo.ts"
import { QueryLogRepo } from "./QueryLogRepo.ts"
import { RunsRepo } from "./RunsRepo.ts"
import { SegmentsRepo } from "./SegmentsRepo.ts"
import { TenantsRepo } from "./TenantsRepo.ts"
import { UploadsRepo } from "./UploadsRepo.ts"
import { VectorsRepo } from "./VectorsRepo.ts"

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
  PublicationsRepo.layer,
  PurgeRepo.layer,
  QueryLogRepo.layer,
  RunsRepo.layer,
  SegmentsRepo.layer,
  TenantsRepo.layer,
  UploadsRepo.layer,
  VectorsRepo.layer
)

/** Every repository, and what is built on several of them; open are the database and the signals. */
export const layer = Layer.provideMerge(Intake.layer, repositories)
