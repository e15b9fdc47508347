import { BlobServiceClient } from "@azure/storage-blob"
import { Effect, Redacted } from "effect"
import { createHash } from "node:crypto"
import type { Blob } from "./Evidence.ts"

/** Every blob of a dataset with the hash of each original, straight from the service. */
export const readBlobs = (
  { connectionString, container }: { readonly connectionString: Redacted.Redacted; readonly container: string },
  datasetId: string
): Effect.Effect<ReadonlyArray<Blob>> =>
  Effect.promise(async () => {
    const client = BlobServiceClient.fromConnectionString(Redacted.value(connectionString)).getContainerClient(
      container
    )
    const blobs: Array<Blob> = []
    for await (const { name } of client.listBlobsFlat()) {
      if (name.split("/")[1] !== datasetId) continue
      const isOriginal = name.endsWith("/raw")
      const sha256 = isOriginal
        ? createHash("sha256").update(await client.getBlobClient(name).downloadToBuffer()).digest("hex")
        : null
      blobs.push({ key: name, sha256 })
    }
    return blobs
  })
