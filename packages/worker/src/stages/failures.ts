import type { BlobNotFound, BlobStoreError } from "@sheaf/adapters/blobs/BlobStore"
import type { EmbedderUnavailable } from "@sheaf/adapters/embedding/Embedder"
import type { SearchIndexError } from "@sheaf/adapters/search/SearchIndex"
import { explain, type FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Duration } from "effect"
import { BadJob, TryAgain } from "../pipeline/Stage.ts"

/** An adapter's failure in the words of the pipeline: an outage makes the run wait, anything else is an attempt. */
export const ofBlobs = (error: BlobStoreError | BlobNotFound): TryAgain | BadJob =>
  error._tag === "BlobNotFound"
    ? new BadJob({ cause: { _tag: "SourceGone", detail: "the stored bytes are missing" } })
    : error.isRetryable
    ? new TryAgain({ reason: `blob store: ${error.operation}`, dependency: "blobs" })
    : new TryAgain({ reason: `blob store refused: ${error.operation}` })

export const ofIndex = (error: SearchIndexError): TryAgain =>
  error.isRetryable
    ? new TryAgain({ reason: `search index: ${error.operation}`, dependency: "search" })
    : new TryAgain({ reason: `search index refused: ${error.operation}` })

export const ofEmbedder = (error: EmbedderUnavailable): TryAgain =>
  new TryAgain({
    reason: `embedder: ${error.operation}`,
    dependency: "embedder",
    ...(error.retryAfterMs !== undefined && { delay: Duration.millis(error.retryAfterMs) })
  })

/** There are no vectors to be had of another model: the work waits for an embedder that speaks its space. */
export const otherSpace = ({ model, provider }: Space): TryAgain =>
  new TryAgain({ reason: `there is no embedder for ${provider} ${model}`, dependency: "embedder" })

/** What a parser says of the content: tried again only where that can help. */
export const ofContent = (cause: FailureCause): TryAgain | BadJob =>
  explain(cause).retryable ? new TryAgain({ reason: explain(cause).message, cause }) : new BadJob({ cause })
