import { type BlobOwner, BlobStore, documentPrefix } from "@sheaf/adapters/blobs/BlobStore"
import { type UploadRow, UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import type { Upload } from "@sheaf/domain/documents/DocumentsRpcs"
import { UploadNotFound } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { UploadId } from "@sheaf/domain/ids"
import { Effect, Option } from "effect"
import { Datasets } from "../../datasets/Datasets.ts"

/** Whom the bytes of an upload belong to: the document that they become. */
export const ownerOf = ({ tenantId }: Caller, { datasetId, documentId }: UploadRow): BlobOwner => ({
  tenantId,
  datasetId,
  documentId
})

/** The most bytes that an upload may have. */
export const limitOf = (row: UploadRow, maxBytes: number) => Math.min(row.size ?? maxBytes, maxBytes)

/** The upload of a caller who may still see its dataset. */
export const finding = Effect.gen(function*() {
  const datasets = yield* Datasets
  const repo = yield* UploadsRepo
  return Effect.fnUntraced(function*(caller: Caller, uploadId: UploadId) {
    const found = yield* repo.find(caller.tenantId, uploadId)
    if (Option.isNone(found)) return yield* new UploadNotFound({ uploadId })
    yield* datasets.get(caller, found.value).pipe(Effect.mapError(() => new UploadNotFound({ uploadId })))
    return found.value
  })
})

/** How an upload is shown. */
export const showing = (maxBytes: number) =>
  Effect.map(BlobStore, (blobs) => (row: UploadRow, offset: number): Upload => ({
    uploadId: row.id,
    documentId: row.documentId,
    offset,
    maxBytes,
    expiresAt: row.expiresAt,
    ...(Option.isSome(blobs.direct) && { direct: true })
  }))

/** Forgets an upload that can never become a document. */
export const abandoning = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const repo = yield* UploadsRepo
  return (owner: BlobOwner, uploadId: UploadId) =>
    Effect.flatMap(
      repo.remove(owner.tenantId, uploadId),
      (isUnused) => isUnused ? Effect.orDie(blobs.removePrefix(documentPrefix(owner))) : Effect.void
    )
})
