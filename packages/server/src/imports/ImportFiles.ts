import { BlobStore, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { importOwner } from "@sheaf/adapters/blobs/importFile"
import { ImportsRepo, type ImportUpload as Row } from "@sheaf/adapters/repos/imports/ImportsRepo"
import { UploadOffsetMismatch, UploadTooLarge } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import { type ImportId, UploadId } from "@sheaf/domain/ids"
import { ImportNotFound, ImportOver } from "@sheaf/domain/imports/errors"
import { importLimits } from "@sheaf/domain/imports/importLimits"
import { Context, Effect, Layer, Option, Schema, type Stream } from "effect"
import { bounded } from "../documents/incoming.ts"
import { Mutations } from "../edge/Mutations.ts"
import { oweImport } from "./oweImport.ts"

/** A piece of a file as it comes in. */
export interface Piece {
  readonly importId: ImportId
  /** Where it begins; must be where the file stands. */
  readonly offset: number
  /** Bytes, when the client says so beforehand. */
  readonly length: number | undefined
  /** Nothing comes after it. */
  readonly isLast: boolean
  /** Fails where the client breaks off. */
  readonly bytes: Stream.Stream<Uint8Array, BadRequest>
}

/** How much of a file is there. */
export interface Standing {
  readonly importId: ImportId
  readonly offset: number
  readonly maxBytes: number
  readonly expiresAt: Date
  /** Bytes that it is to have, where that was said. */
  readonly announced: number | null
  /** All bytes are there, and the server has begun its work. */
  readonly isComplete: boolean
}

type Refused = ImportNotFound | ImportOver | UploadOffsetMismatch | UploadTooLarge | BadRequest

/** Files of imports on their way in: staged as they come, and the import has its turn when the last byte is there. */
export class ImportFiles extends Context.Service<ImportFiles, {
  readonly standing: (caller: Caller, importId: ImportId) => Effect.Effect<Standing, ImportNotFound | ImportOver>
  /** Keeps what arrives, even where the client goes away in the middle. A file that is complete gives its answer again. */
  readonly receive: (caller: Caller, piece: Piece) => Effect.Effect<Standing, Refused>
}>()("@sheaf/server/imports/ImportFiles") {
  static readonly layer = Layer.effect(
    ImportFiles,
    Effect.gen(function*() {
      const blobs = yield* BlobStore
      const mutations = yield* Mutations
      const owe = yield* oweImport
      const repo = yield* ImportsRepo

      const keyOf = ({ tenantId }: Caller, importId: ImportId) => rawKey(importOwner(tenantId, importId))

      const find = Effect.fnUntraced(function*(caller: Caller, importId: ImportId) {
        const seen = yield* repo.find(caller, importId)
        const row = yield* repo.upload(caller.tenantId, importId)
        if (Option.isNone(seen) || Option.isNone(row)) return yield* new ImportNotFound({ importId })
        const { state } = row.value
        if (state === "cancelled") return yield* new ImportOver({ importId, state })
        return row.value
      })

      const limitOf = ({ announced }: Row) => Math.min(announced ?? importLimits.maxBytes, importLimits.maxBytes)

      const stood = (importId: ImportId, { announced, expiresAt, size, state }: Row, offset: number): Standing => ({
        importId,
        offset: size ?? offset,
        maxBytes: importLimits.maxBytes,
        expiresAt,
        announced,
        isComplete: state !== "uploading"
      })

      const standing: ImportFiles["Service"]["standing"] = Effect.fn("ImportFiles.standing")(
        function*(caller, importId) {
          const row = yield* find(caller, importId)
          // The bytes may be gone again: the rows are read.
          const offset = row.size === null ? yield* Effect.orDie(blobs.staged(keyOf(caller, importId))) : 0
          return stood(importId, row, offset)
        }
      )

      const stage = Effect.fnUntraced(function*(caller: Caller, piece: Piece, limit: number) {
        const { importId, offset } = piece
        const key = keyOf(caller, importId)
        const tooLarge = new UploadTooLarge({ limit })
        if (offset + (piece.length ?? 0) > limit) {
          const at = yield* Effect.orDie(blobs.staged(key))
          // A piece for another place says nothing about the size of the whole.
          return yield* offset === at ? tooLarge : elsewhere(importId, at)
        }
        return yield* blobs.stage(key, offset, bounded(piece.bytes, limit - offset, tooLarge)).pipe(
          Effect.catchTags({
            StageOffsetMismatch: (error) => elsewhere(importId, error.offset),
            BlobStoreError: (error) => Effect.die(error)
          })
        )
      })

      /** From here on the work is the server's. */
      const finish = Effect.fnUntraced(function*(caller: Caller, importId: ImportId) {
        const { tenantId } = caller
        const { sha256, size } = yield* Effect.orDie(blobs.commit(keyOf(caller, importId)))
        const mutation = {
          operation: "ImportsFile",
          payload: { importId, sha256 },
          idempotencyKey: undefined,
          answer: Schema.Struct({ size: Schema.Finite })
        }
        const change = Effect.gen(function*() {
          if (yield* repo.uploaded(tenantId, importId, { sha256, size })) yield* owe(tenantId, importId)
          return { size }
        })
        yield* mutations.once(caller, mutation, change).pipe(
          Effect.catchTag("IdempotencyKeyReused", (error) => Effect.die(error))
        )
        return stood(importId, yield* find(caller, importId), size)
      })

      const receive: ImportFiles["Service"]["receive"] = Effect.fn("ImportFiles.receive")(function*(caller, piece) {
        const { importId } = piece
        const row = yield* find(caller, importId)
        if (row.state !== "uploading") return stood(importId, row, piece.offset)
        const key = keyOf(caller, importId)
        // After a death between the last byte and the row: the file is whole, and only the row is owed.
        const whole = yield* Effect.orDie(blobs.size(key))
        const end = Option.isSome(whole) && whole.value === piece.offset
          ? whole.value
          : yield* stage(caller, piece, limitOf(row)).pipe(
            // Nothing will ever come of it: whoever sends it begins another one.
            Effect.tapErrorTag(
              "UploadTooLarge",
              () => Effect.orDie(blobs.removePrefix(documentPrefix(importOwner(caller.tenantId, importId))))
            )
          )
        if (row.announced === null ? piece.isLast : end === row.announced) return yield* finish(caller, importId)
        if (piece.isLast) return yield* elsewhere(importId, end)
        return stood(importId, row, end)
      })

      return ImportFiles.of({ standing, receive })
    })
  )
}

// Clients that send documents know where to go on by this one.
const elsewhere = (importId: ImportId, offset: number) =>
  new UploadOffsetMismatch({ uploadId: UploadId.make(importId), offset })
