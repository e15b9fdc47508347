import type { BlobOwner } from "@sheaf/adapters/blobs/BlobStore"
import type { Work } from "../pipeline/Stage.ts"

/** The document that a job works for, as the blob store wants it. */
export const ownerOf = (
  work: Pick<
    Work<"ParsePages" | "CleanElements" | "ChunkDocument" | "PurgeDocument" | "PurgeRun" | "AcceptAttachments">,
    "claim" | "job"
  >
): BlobOwner => ({
  tenantId: work.claim.tenantId,
  datasetId: work.job.datasetId,
  documentId: work.job.documentId
})
