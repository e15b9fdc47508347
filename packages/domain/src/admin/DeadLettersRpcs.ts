import { Record, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { DocumentNotFound } from "../documents/errors.ts"
import { FailureCause } from "../documents/FailureCause.ts"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { DatasetId, DocumentId, JobId, RunId } from "../ids.ts"
import { JobTag, Lane } from "../jobs/Job.ts"
import { Timestamp } from "../time.ts"
import { DeadLetterNotFound } from "./errors.ts"

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
const Filter = {
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
    payload: { ...Filter, ...PageFields },
    success: Page(DeadLetter),
    error: Schema.Union([DatasetNotFound, DocumentNotFound, BadRequest])
  }),
  /**
   * Begins a new run of the document of each, from what the failed one left, and forgets the dead letter. A document that is being worked
   * on already is left to that. At most 50 documents a call; without a condition, whatever there is. Of the named jobs those that are gone
   * already are no error, as long as one is there.
   */
  mutation("DeadLettersRequeue", {
    payload: { jobIds: Schema.optionalKey(Schema.Array(JobId).check(Schema.isBetweenLength(1, 50))), ...Filter },
    success: Requeued,
    error: Schema.Union([DatasetNotFound, DocumentNotFound, DeadLetterNotFound])
  })
) {}
