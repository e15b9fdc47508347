import { type BlobOwner, BlobStore, documentPrefix, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import { Accepting } from "@sheaf/adapters/lifecycle/Accepting"
import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { DocumentSecretsRepo } from "@sheaf/adapters/repos/documents/DocumentSecretsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import { puttingTogether } from "@sheaf/adapters/repos/pipelines/putTogether"
import { type UploadOptions, type UploadRow, UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import type { DatasetNotFound } from "@sheaf/domain/datasets/errors"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import { Accepted, type DirectUpload, type Upload } from "@sheaf/domain/documents/DocumentsRpcs"
import {
  type DocumentNameTaken,
  DocumentNotFound,
  HashMismatch,
  type MetadataInvalid,
  type UnsupportedFormat,
  UploadNotFound,
  UploadOffsetMismatch,
  UploadTooLarge
} from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { checkMetadata } from "@sheaf/domain/documents/fields"
import { BadRequest, type IdempotencyKeyReused, type QuotaExceeded } from "@sheaf/domain/edge/errors"
import { type DatasetId, DocumentId, type Sha256, UploadId } from "@sheaf/domain/ids"
import type { PipelineNotFound } from "@sheaf/domain/pipelines/errors"
import { Context, Effect, Layer, Option, type Redacted } from "effect"
import { Datasets } from "../datasets/Datasets.ts"
import { Mutations } from "../edge/Mutations.ts"
import { type Arrival, arrivalDefaults, type Refused } from "./Arrivals.ts"
import { bounded, readable } from "./incoming.ts"
import type { Piece, Whole } from "./Piece.ts"
import { removeUnused } from "./removeUnused.ts"

/** An upload that is about to begin. */
interface Started {
  readonly datasetId: DatasetId
  readonly name: string
  readonly size?: number
  readonly sha256?: Sha256
  readonly options: UploadOptions
  readonly password?: Redacted.Redacted
}

/** Where an upload stands after a piece: somewhere on its way, or it has become a document. */
export type Received =
  | { readonly _tag: "Standing"; readonly upload: Upload }
  | { readonly _tag: "Finished"; readonly offset: number; readonly accepted: Accepted }

/** Bytes of documents on their way in. They are staged as they come, and a document exists when the last one is there. */
export class Uploads extends Context.Service<Uploads, {
  /** Part of the caller's transaction. */
  readonly begin: (
    caller: Caller,
    upload: Arrival & { readonly size?: number; readonly sha256?: Sha256; readonly password?: Redacted.Redacted }
  ) => Effect.Effect<
    Upload,
    | DatasetNotFound
    | UploadTooLarge
    | QuotaExceeded
    | MetadataInvalid
    | DocumentNameTaken
    | BadRequest
    | PipelineNotFound
  >
  /** The same for bytes that take the place of a document's. */
  readonly replace: (
    caller: Caller,
    upload: Partial<Pick<Arrival, "name" | "metadata" | "lane">> & {
      readonly documentId: DocumentId
      readonly size?: number
      readonly sha256?: Sha256
      readonly password?: Redacted.Redacted
    }
  ) => Effect.Effect<Upload, DocumentNotFound | UploadTooLarge | QuotaExceeded | MetadataInvalid | BadRequest>
  readonly status: (caller: Caller, upload: { readonly uploadId: UploadId }) => Effect.Effect<Upload, UploadNotFound>
  /** A way for the rest of the bytes past this server; `null` where there is none, or none any more. */
  readonly direct: (
    caller: Caller,
    upload: { readonly uploadId: UploadId }
  ) => Effect.Effect<DirectUpload | null, UploadNotFound>
  readonly standing: (
    caller: Caller,
    upload: { readonly uploadId: UploadId }
  ) => Effect.Effect<Received & { readonly size: number | null }, UploadNotFound>
  /** Keeps what arrives, even where the client goes away in the middle. A finished upload gives its answer again. */
  readonly receive: (caller: Caller, piece: Piece) => Effect.Effect<
    Received,
    | UploadNotFound
    | UploadOffsetMismatch
    | UploadTooLarge
    | HashMismatch
    | UnsupportedFormat
    | DocumentNotFound
    | Refused
    | BadRequest
  >
  readonly create: (caller: Caller, whole: Whole) => Effect.Effect<
    Accepted,
    Refused | UploadTooLarge | HashMismatch | UnsupportedFormat | IdempotencyKeyReused | BadRequest
  >
}>()("@sheaf/server/documents/Uploads") {
  static readonly layer = (options: { readonly maxBytes: number }) =>
    Layer.effect(
      Uploads,
      Effect.gen(function*() {
        const blobs = yield* BlobStore
        const datasets = yield* Datasets
        const documents = yield* DocumentsRepo
        const accepting = yield* Accepting
        const quotas = yield* QuotasRepo
        const mutations = yield* Mutations
        const passwords = yield* DocumentSecretsRepo
        const putTogether = puttingTogether(yield* PipelinesRepo)
        const repo = yield* UploadsRepo

        /** The upload of a caller who may still see its dataset. */
        const find = Effect.fnUntraced(function*(caller: Caller, uploadId: UploadId) {
          const found = yield* repo.find(caller.tenantId, uploadId)
          if (Option.isNone(found)) return yield* new UploadNotFound({ uploadId })
          yield* datasets.get(caller, found.value).pipe(Effect.mapError(() => new UploadNotFound({ uploadId })))
          return found.value
        })

        const upload = (row: UploadRow, offset: number): Upload => ({
          uploadId: row.id,
          documentId: row.documentId,
          offset,
          maxBytes: options.maxBytes,
          expiresAt: row.expiresAt,
          ...(Option.isSome(blobs.direct) && { direct: true })
        })

        const limitOf = (row: UploadRow) => Math.min(row.size ?? options.maxBytes, options.maxBytes)

        const start = Effect.fnUntraced(function*(caller: Caller, started: Started) {
          const { size } = started
          if (size !== undefined && size > options.maxBytes) {
            return yield* new UploadTooLarge({ limit: options.maxBytes })
          }
          const id = yield* newId(UploadId)
          const documentId = yield* newId(DocumentId)
          const { password, ...rest } = started
          const sealed = password === undefined
            ? {}
            : yield* passwords.seal(caller.tenantId, documentId, password).pipe(
              Effect.mapBoth({
                onFailure: ({ message }) => new BadRequest({ reason: message }),
                onSuccess: (password) => ({ password })
              })
            )
          yield* repo.insert(caller, {
            ...rest,
            options: { ...rest.options, ...sealed },
            id,
            documentId,
            name: cleanName(started.name),
            size: size ?? null,
            sha256: started.sha256 ?? null
          })
          const row = yield* Effect.orDie(Effect.fromOption(yield* repo.find(caller.tenantId, id)))
          return upload(row, 0)
        })

        const begin: Uploads["Service"]["begin"] = Effect.fn("Uploads.begin")(
          function*(caller, { datasetId, name, password, sha256, size, ...wishes }) {
            const dataset = yield* datasets.get(caller, { datasetId })
            const invalid = checkMetadata(dataset.fields, wishes.metadata ?? {})
            if (invalid !== null) return yield* invalid
            yield* putTogether(caller.tenantId, { dataset, document: {}, run: wishes.settings ?? {} })
            // All of this is decided when the last byte is there; what is clear now saves sending them.
            if (wishes.ifNameExists !== "replace") {
              yield* quotas.foresee(caller.tenantId, { documents: 1, bytes: size ?? 0, segments: 1 })
            }
            return yield* start(caller, {
              datasetId,
              name,
              ...(size !== undefined && { size }),
              ...(sha256 !== undefined && { sha256 }),
              ...(password !== undefined && { password }),
              options: { ...arrivalDefaults, ...wishes }
            })
          }
        )

        const replace: Uploads["Service"]["replace"] = Effect.fn("Uploads.replace")(
          function*(caller, { documentId, lane, metadata, name, password, sha256, size }) {
            const document = Option.getOrNull(yield* documents.find(caller, documentId))
            if (document === null) return yield* new DocumentNotFound({ documentId })
            const { datasetId } = document
            const { fields } = yield* Effect.mapError(
              datasets.get(caller, { datasetId }),
              () => new DocumentNotFound({ documentId })
            )
            const invalid = metadata === undefined ? null : checkMetadata(fields, metadata)
            if (invalid !== null) return yield* invalid
            yield* quotas.foresee(caller.tenantId, { bytes: Math.max(0, (size ?? 0) - document.size) })
            return yield* start(caller, {
              datasetId,
              name: name ?? document.name,
              ...(size !== undefined && { size }),
              ...(sha256 !== undefined && { sha256 }),
              ...(password !== undefined && { password }),
              options: {
                ...arrivalDefaults,
                ...(metadata !== undefined && { metadata }),
                ...(lane !== undefined && { lane }),
                replaces: documentId
              }
            })
          }
        )

        const standing: Uploads["Service"]["standing"] = Effect.fn("Uploads.standing")(
          function*(caller, { uploadId }) {
            const row = yield* find(caller, uploadId)
            const offset = yield* Effect.orDie(blobs.staged(rawKey(ownerOf(caller, row))))
            const { answer: accepted, size } = row
            return accepted === null
              ? { _tag: "Standing", upload: upload(row, offset), size }
              : { _tag: "Finished", accepted, offset: size ?? offset, size }
          }
        )

        const status: Uploads["Service"]["status"] = Effect.fn("Uploads.status")(function*(caller, { uploadId }) {
          const row = yield* find(caller, uploadId)
          const staged = yield* Effect.orDie(blobs.staged(rawKey(ownerOf(caller, row))))
          // The bytes of a finished upload may be gone again: a document that was there before has the same.
          return upload(row, row.answer === null ? staged : row.size ?? staged)
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
          return link !== null && link.offset <= limitOf(row) ? link : null
        })

        /** Forgets an upload that can never become a document. */
        const abandon = (owner: BlobOwner, uploadId: UploadId) =>
          Effect.flatMap(
            repo.remove(owner.tenantId, uploadId),
            (isUnused) => isUnused ? Effect.orDie(blobs.removePrefix(documentPrefix(owner))) : Effect.void
          )

        const stage = Effect.fnUntraced(function*(owner: BlobOwner, piece: Piece, name: string, limit: number) {
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

        const finish = Effect.fnUntraced(function*(caller: Caller, row: UploadRow) {
          const owner = ownerOf(caller, row)
          const { sha256, size } = yield* Effect.orDie(blobs.commit(rawKey(owner)))
          // Bytes that come straight to the store are counted by nobody on their way.
          if (size > limitOf(row)) {
            yield* abandon(owner, row.id)
            return yield* new UploadTooLarge({ limit: limitOf(row) })
          }
          if (row.sha256 !== null && row.sha256 !== sha256) {
            yield* Effect.orDie(blobs.removePrefix(documentPrefix(owner)))
            return yield* new HashMismatch({ expected: row.sha256, actual: sha256 })
          }
          const { datasetId, documentId, id: uploadId } = row
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
          const { password: sealed, ...wishes } = row.options
          const password = sealed === undefined ?
            {} :
            yield* passwords.unseal(caller.tenantId, documentId, sealed).pipe(
              Effect.map((password) => ({ password })),
              // The key is gone. The document says that it is protected, and can be built again with its password.
              Effect.catch((error) =>
                Effect.as(Effect.logWarning(`the password of upload ${uploadId} is lost`, error), {})
              )
            )
          const arrival = {
            ...owner,
            ...arrivalDefaults,
            ...wishes,
            ...password,
            name: row.name,
            declaredType: null,
            size,
            contentHash: sha256,
            actor: row.actor
          }
          const accepted = yield* accepting.accept(arrival, (accept) => {
            const change = Effect.gen(function*() {
              if (Option.isNone(yield* repo.lock(caller.tenantId, uploadId))) {
                return yield* new UploadNotFound({ uploadId })
              }
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
            : yield* stage(owner, piece, row.name, limitOf(row)).pipe(
              Effect.tapErrorTag(["UploadTooLarge", "UnsupportedFormat"], () => abandon(owner, uploadId))
            )
          const isWhole = row.size === null ? piece.isLast : end === row.size
          if (isWhole) {
            return yield* finish(caller, row)
          }
          if (piece.isLast) return yield* new UploadOffsetMismatch({ uploadId, offset: end })
          return { _tag: "Standing", upload: upload(row, end) } satisfies Received
        })

        const create: Uploads["Service"]["create"] = Effect.fn("Uploads.create")(
          function*(caller, { bytes, idempotencyKey, length, sha256: expected, ...arrival }) {
            const { fields, id: datasetId } = yield* datasets.get(caller, arrival)
            const limit = options.maxBytes
            const tooLarge = new UploadTooLarge({ limit })
            if ((length ?? 0) > limit) return yield* tooLarge
            const { actor, tenantId } = caller
            const invalid = checkMetadata(fields, arrival.metadata ?? {})
            if (invalid !== null) return yield* invalid
            if (arrival.ifNameExists !== "replace") {
              yield* quotas.foresee(tenantId, { documents: 1, bytes: length ?? 0, segments: 1 })
            }
            const owner = { tenantId, datasetId, documentId: yield* newId(DocumentId) }
            const accept = Effect.fnUntraced(function*(size: number, contentHash: Sha256) {
              if (expected !== undefined && expected !== contentHash) {
                return yield* new HashMismatch({ expected, actual: contentHash })
              }
              const wishes = { ...arrivalDefaults, ...arrival, name: cleanName(arrival.name) }
              const mutation = {
                operation: "DocumentsCreate",
                idempotencyKey,
                payload: { ...wishes, contentHash },
                answer: Accepted
              }
              return yield* accepting.accept(
                { ...wishes, ...owner, declaredType: null, size, contentHash, actor },
                (accept) => mutations.once(caller, mutation, accept)
              ).pipe(Effect.catchTag("DocumentNotFound", Effect.die))
            })
            return yield* blobs.put(rawKey(owner), readable(bounded(bytes, limit, tooLarge), arrival.name)).pipe(
              Effect.catchTag(["BlobStoreError", "BlobExists"], (error) => Effect.die(error)),
              Effect.flatMap(({ sha256, size }) => accept(size, sha256)),
              Effect.onExit(removeUnused(blobs, owner))
            )
          }
        )

        return Uploads.of({ begin, replace, status, direct, standing, receive, create })
      })
    ).pipe(Layer.provide(Accepting.layer))
}

const ownerOf = ({ tenantId }: Caller, { datasetId, documentId }: UploadRow): BlobOwner => ({
  tenantId,
  datasetId,
  documentId
})
