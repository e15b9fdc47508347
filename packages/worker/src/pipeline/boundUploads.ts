import { BlobStore, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { type OpenUpload, UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import { limits } from "@sheaf/domain/limits"
import { Effect, Option } from "effect"

const page = 100
/** Requests to the store at once: nobody waits for this. */
const atOnce = 4

/**
 * Removes the open uploads that have more bytes than they announced, or than one may have. Bytes that pass through a server are counted on
 * their way; those that clients send straight to the store would be counted only when a client says that it has sent all. Its link ends with the blob:
 * it may add to one, and not make one. Fails where the store does not answer.
 */
export const boundUploads = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const uploads = yield* UploadsRepo

  const bound = Effect.fnUntraced(function*(upload: OpenUpload) {
    const most = Math.min(upload.size ?? limits.maxUploadBytes, limits.maxUploadBytes)
    if ((yield* blobs.staged(rawKey(upload))) <= most) return
    // The row goes first, and only as long as no document came of it.
    if (!(yield* uploads.remove(upload.tenantId, upload.id))) return
    yield* Effect.logWarning(`upload ${upload.id} is removed: more than ${most} bytes were sent`)
    yield* blobs.removePrefix(documentPrefix(upload))
  })

  const round = Effect.fnUntraced(function*(after: OpenUpload | undefined) {
    const found = yield* uploads.open(page, after)
    yield* Effect.forEach(found, bound, { discard: true, concurrency: atOnce })
    return found.length === page ? found.at(-1) : undefined
  })
  const all = (after: OpenUpload | undefined): ReturnType<typeof round> =>
    Effect.flatMap(round(after), (last) => last === undefined ? Effect.undefined : all(last))
  return Option.isSome(blobs.direct) ? Option.some(Effect.asVoid(all(undefined))) : Option.none()
})
