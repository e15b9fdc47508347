import { type BlobOwner, BlobStore, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { DocumentSecretsRepo } from "@sheaf/adapters/repos/documents/DocumentSecretsRepo"
import { type UploadRow, UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import { Accepted } from "@sheaf/domain/documents/DocumentsRpcs"
import { HashMismatch, UploadNotFound, UploadTooLarge } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { Effect, Option } from "effect"
import { Mutations } from "../../edge/Mutations.ts"
import { arrivalDefaults } from "../Arrivals.ts"
import { abandoning, limitOf, ownerOf } from "./parts.ts"
import type { Received } from "./Uploads.ts"

/** The bytes of an upload as a blob, if they are as many as allowed, and the ones that were announced. */
const committing = Effect.fnUntraced(function*(maxBytes: number) {
  const blobs = yield* BlobStore
  const abandon = yield* abandoning
  return Effect.fnUntraced(function*(owner: BlobOwner, row: UploadRow) {
    const committed = yield* Effect.orDie(blobs.commit(rawKey(owner)))
    const limit = limitOf(row, maxBytes)
    // Bytes that come straight to the store are counted by nobody on their way.
    if (committed.size > limit) {
      yield* abandon(owner, row.id)
      return yield* new UploadTooLarge({ limit })
    }
    if (row.sha256 !== null && row.sha256 !== committed.sha256) {
      yield* Effect.orDie(blobs.removePrefix(documentPrefix(owner)))
      return yield* new HashMismatch({ expected: row.sha256, actual: committed.sha256 })
    }
    return committed
  })
})

/** The password that came with an upload. */
const unsealing = Effect.map(
  DocumentSecretsRepo,
  (passwords) => (caller: Caller, { documentId, id, options: { password } }: UploadRow) =>
    password === undefined
      ? Effect.succeed({})
      : passwords.unseal(caller.tenantId, documentId, password).pipe(
        Effect.map((password) => ({ password })),
        // The key is gone. The document says that it is protected, and can be built again with its password.
        Effect.catch((error) => Effect.as(Effect.logWarning(`the password of upload ${id} is lost`, error), {}))
      )
)

/** An upload whose last byte is there becomes a document, once, however many say so. */
export const finishing = Effect.fnUntraced(function*(maxBytes: number) {
  const blobs = yield* BlobStore
  const accepting = yield* Accepting
  const mutations = yield* Mutations
  const repo = yield* UploadsRepo
  const commit = yield* committing(maxBytes)
  const unseal = yield* unsealing

  return Effect.fnUntraced(function*(caller: Caller, row: UploadRow) {
    const owner = ownerOf(caller, row)
    const { sha256: contentHash, size } = yield* commit(owner, row)
    const { actor, datasetId, documentId, id: uploadId, name, options: { password: _, ...wishes } } = row
    // Without a key of its own: the upload's row remembers the answer, for whoever else says that it is complete.
    const mutation = {
      operation: "UploadsFinish",
      payload: { uploadId, datasetId, documentId },
      idempotencyKey: undefined,
      answer: Accepted,
      answered: Effect.map(
        repo.lock(caller.tenantId, uploadId),
        Option.flatMap((locked) => Option.fromNullOr(locked.answer))
      )
    }
    const arrival = {
      ...owner,
      ...arrivalDefaults,
      ...wishes,
      ...yield* unseal(caller, row),
      name,
      declaredType: null,
      size,
      contentHash,
      actor
    }
    const accepted = yield* accepting.accept(arrival, (accept) => {
      const change = Effect.gen(function*() {
        if (Option.isNone(yield* repo.lock(caller.tenantId, uploadId))) return yield* new UploadNotFound({ uploadId })
        const answer = yield* accept
        yield* repo.answer(caller.tenantId, uploadId, answer)
        return answer
      })
      return mutations.once(caller, mutation, change).pipe(
        Effect.catchTag("IdempotencyKeyReused", (error) => Effect.die(error))
      )
    })
    if (accepted.documentId !== documentId) {
      yield* Effect.ignore(blobs.removePrefix(documentPrefix(owner)), { log: "Warn" })
    }
    return { _tag: "Finished", accepted, offset: size } satisfies Received
  })
})
