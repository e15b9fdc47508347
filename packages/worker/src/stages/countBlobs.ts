import type { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Effect, Stream } from "effect"

/** How many whole blobs lie below a prefix: what a crash has left half written is nothing that anybody had. */
export const countBlobs = Effect.fn("countBlobs")((blobs: BlobStore["Service"], prefix: BlobKey) =>
  Stream.runCount(blobs.list(prefix))
)
