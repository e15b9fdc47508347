import { BlobServiceClient } from "@azure/storage-blob"
import * as Azure from "@sheaf/adapters/blobs/azure"
import { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Context, Effect, Layer, Redacted, Stream } from "effect"
import { createHash } from "node:crypto"
import { Azurite } from "./AzuriteServer.ts"
import { patternPieces } from "../pattern.ts"

let serial = 0

/** A key that nobody has used yet. */
export const newKey = () => BlobKey.make(`tenant/dataset/${++serial}/raw`)

export const hashOfPattern = (size: number) => {
  const hash = createHash("sha256")
  for (const piece of patternPieces(0, size)) hash.update(piece)
  return hash.digest("hex")
}

export const piecesOf = (from: number, end: number, piece?: number) =>
  Stream.fromIterable(patternPieces(from, end, piece)).pipe(Stream.rechunk(1))

/** The store in Azurite as a process of its own has it. */
export const open = (options: Partial<Azure.AzureOptions> = {}) =>
  Effect.gen(function*() {
    const { connectionString } = yield* Azurite
    const store = Azure.layer({ credentials: { connectionString }, container: "failures", ...options })
    return Context.get(yield* Layer.build(Layer.fresh(store)), BlobStore)
  })

/** Azurite without our store. */
export const service = Effect.map(
  Azurite,
  ({ connectionString }) => BlobServiceClient.fromConnectionString(Redacted.value(connectionString))
)

/** Everything that a container holds below a prefix, blocks that belong to no blob included. */
export const namesBelow = Effect.fnUntraced(function*(prefix: string, container = "failures") {
  const client = (yield* service).getContainerClient(container)
  return yield* Effect.promise(async () => {
    const names: Array<string> = []
    for await (const { name } of client.listBlobsFlat({ prefix, includeUncommitedBlobs: true })) names.push(name)
    return names
  })
})
