import { type BlobOwner, BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { UploadOffsetMismatch, UploadTooLarge } from "@sheaf/domain/documents/errors"
import { Effect, Option } from "effect"
import { bounded, readable } from "../incoming.ts"
import type { Piece } from "./Piece.ts"
import { finishing } from "./finishing.ts"
import { abandoning, finding, limitOf, ownerOf, showing } from "./parts.ts"
import type { Received, Uploads } from "./Uploads.ts"

/** Keeps the bytes of a piece where the upload stands. */
const staging = Effect.map(
  BlobStore,
  (blobs) =>
    Effect.fnUntraced(function*(owner: BlobOwner, piece: Piece, name: string, limit: number) {
      const { offset, uploadId } = piece
      const tooLarge = new UploadTooLarge({ limit })
      if (offset + (piece.length ?? 0) > limit) {
        const stood = yield* Effect.orDie(blobs.staged(rawKey(owner)))
        // A piece for another place says nothing about the size of the whole.
        return yield* offset === stood ? tooLarge : new UploadOffsetMismatch({ uploadId, offset: stood })
      }
      const counted = bounded(piece.bytes, limit - offset, tooLarge)
      const bytes = offset === 0 ? readable(counted, name) : counted
      return yield* blobs.stage(rawKey(owner), offset, bytes).pipe(
        Effect.catchTags({
          StageOffsetMismatch: (error) => new UploadOffsetMismatch({ uploadId, offset: error.offset }),
          BlobStoreError: (error) => Effect.die(error)
        })
      )
    })
)

/** Pieces come in; the last one makes the document. */
export const receiving = Effect.fnUntraced(function*(maxBytes: number) {
  const blobs = yield* BlobStore
  const abandon = yield* abandoning
  const find = yield* finding
  const finish = yield* finishing(maxBytes)
  const show = yield* showing(maxBytes)
  const stage = yield* staging

  const receive: Uploads["Service"]["receive"] = Effect.fn("Uploads.receive")(function*(caller, piece) {
    const { uploadId } = piece
    const row = yield* find(caller, uploadId)
    const owner = ownerOf(caller, row)
    const { answer: accepted } = row
    if (accepted !== null) {
      return { _tag: "Finished", accepted, offset: row.size ?? piece.offset } satisfies Received
    }
    // After a death between the last byte and the row: the blob is whole, and only the row is owed.
    const whole = yield* Effect.orDie(blobs.size(rawKey(owner)))
    const end = Option.isSome(whole) && whole.value === piece.offset
      ? whole.value
      : yield* stage(owner, piece, row.name, limitOf(row, maxBytes)).pipe(
        Effect.tapErrorTag(["UploadTooLarge", "UnsupportedFormat"], () => abandon(owner, uploadId))
      )
    const isWhole = row.size === null ? piece.isLast : end === row.size
    if (isWhole) return yield* finish(caller, row)
    if (piece.isLast) return yield* new UploadOffsetMismatch({ uploadId, offset: end })
    return { _tag: "Standing", upload: show(row, end) } satisfies Received
  })

  return { receive }
})
