import { Record, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { FailureCause } from "../documents/FailureCause.ts"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DatasetId, DocumentId, JobId, RunId } from "../ids.ts"
import { JobTag, Lane } from "../jobs/Job.ts"
import { Timestamp } from "../time.ts"

/** Work that was given up, and why. It is kept until somebody decides, or a later run of the document is published. */
export class DeadLetter extends Schema.Class<DeadLetter>("@sheaf/domain/admin/DeadLettersRpcs/DeadLetter")({
  jobId: JobId,
  stage: JobTag,
  lane: Lane,
  datasetId: DatasetId,
  documentId: DocumentId,
  documentName: Schema.String,
  /** The run that failed of it. */
  runId: RunId,
  cause: FailureCause,
  /** How often it was tried, and how often a worker was lost with it. */
  attempts: Schema.Int,
  losses: Schema.Int,
  createdAt: Timestamp,
  diedAt: Timestamp
}) {}

export const CauseTag = Schema.Literals(Record.keys(FailureCause.cases))
export type CauseTag = typeof CauseTag.Type

/** Which dead letters: all conditions that are given hold. */
export const DeadLetterFilter = {
  jobIds: Schema.optionalKey(Schema.Array(JobId).check(Schema.isBetweenLength(1, 50))),
  stage: Schema.optionalKey(JobTag),
  cause: Schema.optionalKey(CauseTag),
  datasetId: Schema.optionalKey(DatasetId),
  documentId: Schema.optionalKey(DocumentId)
} as const

/** Documents that are worked on again, and their runs, in the same order. */
export const Requeued = Schema.Struct({
  documentIds: Schema.Array(DocumentId),
  runIds: Schema.Array(RunId),
  /** There are more that fit. */
  more: Schema.Boolean
})

export class DeadLettersRpcs extends RpcGroup.make(
  /** Those given up last come first. */
  Rpc.make("DeadLettersList", {
    payload: { ...DeadLetterFilter, ...PageFields },
    success: Page(DeadLetter),
    error: BadRequest
  }),
  /**
   * Begins a new run of the document of each, from what the failed one left, and forgets the dead letter. A document that is being worked
   * on already is left to that. At most 50 documents a call; without a condition, whatever there is. What is gone already is no error.
   */
  mutation("DeadLettersRequeue", { payload: DeadLetterFilter, success: Requeued })
) {}
