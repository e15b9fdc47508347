import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { Effect, Option } from "effect"
import { finding, limitOf, ownerOf, showing } from "./parts.ts"
import type { Uploads } from "./Uploads.ts"

/** How far uploads are, and where the rest of their bytes may go. */
export const standings = Effect.fnUntraced(function*(maxBytes: number) {
  const blobs = yield* BlobStore
  const find = yield* finding
  const show = yield* showing(maxBytes)

  const standing: Uploads["Service"]["standing"] = Effect.fn("Uploads.standing")(function*(caller, { uploadId }) {
    const row = yield* find(caller, uploadId)
    const offset = yield* Effect.orDie(blobs.staged(rawKey(ownerOf(caller, row))))
    const { answer: accepted, size } = row
    return accepted === null
      ? { _tag: "Standing", upload: show(row, offset), size }
      : { _tag: "Finished", accepted, offset: size ?? offset, size }
  })

  const status: Uploads["Service"]["status"] = Effect.fn("Uploads.status")(function*(caller, { uploadId }) {
    const row = yield* find(caller, uploadId)
    const staged = yield* Effect.orDie(blobs.staged(rawKey(ownerOf(caller, row))))
    // The bytes of a finished upload may be gone again: a document that was there before has the same.
    return show(row, row.answer === null ? staged : row.size ?? staged)
  })

  const direct: Uploads["Service"]["direct"] = Effect.fn("Uploads.direct")(function*(caller, { uploadId }) {
    const row = yield* find(caller, uploadId)
    if (row.answer !== null || Option.isNone(blobs.direct)) return null
    const link = yield* blobs.direct.value.upload(rawKey(ownerOf(caller, row))).pipe(
      Effect.catchTags({
        StageOffsetMismatch: () => Effect.succeed(null),
        BlobStoreError: (error) => Effect.die(error)
      })
    )
    // More than allowed was sent already: whoever says that it is complete will hear so.
    return link !== null && link.offset <= limitOf(row, maxBytes) ? link : null
  })

  return { standing, status, direct }
})
