import { Record, Schema } from "effect"
import {
  AppId,
  DatasetId,
  DeliveryId,
  DocumentId,
  ImportId,
  type JobId,
  type LeaseToken,
  MailId,
  OperationId,
  ReconciliationId,
  RunId,
  SpaceChangeId,
  SyncId,
  type TenantId,
  WorkUnitId
} from "../ids.ts"

/** Interactive work (somebody watches) goes before bulk work. */
export const Lane = Schema.Literals(["interactive", "bulk"])
export type Lane = typeof Lane.Type

const ofRun = { datasetId: DatasetId, documentId: DocumentId, runId: RunId } as const

/**
 * Owed work, as stored in `jobs.payload`. The tag is the stage that does it. `version` is that of the payload's shape: a worker
 * that meets a newer one leaves it to a newer worker.
 */
export const Job = Schema.TaggedUnion({
  /** Parse the pages of a unit; the first one also finds out what the document is and plans the others. */
  ParsePages: { version: Schema.Literal(1), ...ofRun, unitId: WorkUnitId },
  /** Take the elements of a page range through the steps of a pipeline. */
  CleanElements: { version: Schema.Literal(1), ...ofRun, unitId: WorkUnitId },
  ChunkDocument: { version: Schema.Literal(1), ...ofRun, unitId: WorkUnitId },
  EmbedSegments: { version: Schema.Literal(1), ...ofRun, unitId: WorkUnitId },
  IndexSegments: { version: Schema.Literal(1), ...ofRun, unitId: WorkUnitId },
  PublishRun: { version: Schema.Literal(1), ...ofRun, unitId: WorkUnitId },
  /** Make documents of the files that are attached to a published version. */
  AcceptAttachments: { version: Schema.Literal(1), ...ofRun },
  /** Remove what a superseded, failed or cancelled run left behind and no live run holds. */
  PurgeRun: { version: Schema.Literal(1), ...ofRun },
  /** Bring the search index in step with what has changed of a document's segments, flags, name or metadata. */
  ApplyEnablement: { version: Schema.Literal(1), datasetId: DatasetId, documentId: DocumentId },
  /** Build a dataset's other space, switch to it, and clear the one that is left. `step` counts the jobs of a change: one at a time. */
  RebuildSpace: { version: Schema.Literal(1), datasetId: DatasetId, changeId: SpaceChangeId, step: Schema.Int },
  PurgeDocument: { version: Schema.Literal(1), datasetId: DatasetId, documentId: DocumentId },
  PurgeDataset: { version: Schema.Literal(1), datasetId: DatasetId },
  /** Give each document of an operation its turn. */
  RunBulk: { version: Schema.Literal(1), operationId: OperationId },
  /** Read the file of an import, and give each of its rows its turn. */
  ImportRows: { version: Schema.Literal(1), importId: ImportId },
  /** Give annotations of an app the vectors that its settings ask for, and move it to another space. */
  IndexAnnotations: { version: Schema.Literal(1), appId: AppId },
  /** Remove what is stored of an app that is deleted. */
  PurgeApp: { version: Schema.Literal(1), appId: AppId },
  /** Compare a dataset with what it follows, item by item. */
  SyncSource: { version: Schema.Literal(1), syncId: SyncId },
  PurgeTenant: { version: Schema.Literal(1) },
  /** Call a webhook. */
  Deliver: { version: Schema.Literal(1), deliveryId: DeliveryId },
  /** Send a mail, once there is nothing more to tell in it. */
  SendMail: { version: Schema.Literal(1), mailId: MailId },
  /** Look through all that a tenant has for what is out of step. */
  Reconcile: { version: Schema.Literal(1), reconciliationId: ReconciliationId }
})
export type Job = typeof Job.Type
/** All stages. */
export const JobTag = Schema.Literals(Record.keys(Job.cases))
export type JobTag = typeof JobTag.Type

/** A job that a worker has claimed. Every write it leads to carries the token; a writer whose lease is gone is refused. */
export interface ClaimedJob {
  readonly id: JobId
  readonly tenantId: TenantId
  readonly lane: Lane
  readonly job: Job
  /** Attempts that failed and were the job's own fault, before this one. */
  readonly attempts: number
  /** How often a worker died or stalled with it. */
  readonly losses: number
  /** The span that enqueued it, as W3C `traceparent`. */
  readonly trace: string | null
  readonly token: LeaseToken
}
