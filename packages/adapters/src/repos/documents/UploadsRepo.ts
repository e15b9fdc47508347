import { Accepted, IfNameExists, IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import { Metadata } from "@sheaf/domain/documents/Metadata"
import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, DocumentId, Sha256, TenantId, UploadId } from "@sheaf/domain/ids"
import { Lane } from "@sheaf/domain/jobs/Job"
import { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Sealed } from "../../secrets/Secrets.ts"
import { done, json, maybeRow, rows } from "../rows.ts"

/** What the caller wants to happen when the last byte is there. */
export const UploadOptions = Schema.Struct({
  metadata: Metadata,
  ifSame: IfSame,
  lane: Lane,
  /** Absent in uploads that began before there was a choice. */
  ifNameExists: Schema.optionalKey(IfNameExists),
  settings: Schema.optionalKey(RunSettings),
  /** The document that gets the bytes. */
  replaces: Schema.optionalKey(DocumentId),
  /** Sealed for the document that the upload was begun for, whichever gets the bytes. */
  password: Schema.optionalKey(Sealed)
})
export interface UploadOptions extends Schema.Schema.Type<typeof UploadOptions> {}

const UploadRow = Schema.Struct({
  id: UploadId,
  datasetId: DatasetId,
  documentId: DocumentId,
  name: Schema.String,
  size: Schema.NullOr(Schema.Finite),
  sha256: Schema.NullOr(Sha256),
  options: UploadOptions,
  actor: Actor,
  /** Set when the upload has become a document. */
  answer: Schema.NullOr(Accepted),
  expiresAt: Schema.Date
})
export type UploadRow = typeof UploadRow.Type

/** Which upload, and whose bytes. */
const UploadRef = Schema.Struct({ tenantId: TenantId, id: UploadId, datasetId: DatasetId, documentId: DocumentId })
export type UploadRef = typeof UploadRef.Type

/** An upload that may still grow, and how large it is to become, where that was said. */
const OpenUpload = Schema.Struct({ ...UploadRef.fields, size: Schema.NullOr(Schema.Finite) })
export type OpenUpload = typeof OpenUpload.Type

/** Uploads that have begun. The bytes are staged in the blob store; the row says what they are to become. */
export class UploadsRepo extends Context.Service<UploadsRepo, {
  readonly insert: (caller: Caller, upload: {
    readonly id: UploadId
    readonly datasetId: DatasetId
    readonly documentId: DocumentId
    readonly name: string
    readonly size: number | null
    readonly sha256: Sha256 | null
    readonly options: UploadOptions
  }) => Effect.Effect<void>
  readonly find: (tenantId: TenantId, uploadId: UploadId) => Effect.Effect<Option.Option<UploadRow>>
  /** Locks the row until the end of the caller's transaction. */
  readonly lock: (tenantId: TenantId, uploadId: UploadId) => Effect.Effect<Option.Option<UploadRow>>
  readonly answer: (tenantId: TenantId, uploadId: UploadId, answer: Accepted) => Effect.Effect<void>
  /** Forgets an upload that no document came of. `true`: its bytes belong to nobody. */
  readonly remove: (tenantId: TenantId, uploadId: UploadId) => Effect.Effect<boolean>
  /** Up to `limit` that no document came of yet, of any tenant, in the order of their ids, after that one. */
  readonly open: (limit: number, after?: UploadRef) => Effect.Effect<ReadonlyArray<OpenUpload>>
  /** Up to `limit` that are past their time, of any tenant, for the sweeper. */
  readonly expired: (limit: number) => Effect.Effect<ReadonlyArray<UploadRef>>
  /** Removes the row of an upload past its time. `true`: its bytes belong to nobody. */
  readonly expire: (upload: UploadRef) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/documents/UploadsRepo") {
  static readonly layer = Layer.effect(
    UploadsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = maybeRow(UploadRow)
      const columns = sql`id, dataset_id, document_id, name, size, sha256, options, actor, answer, expires_at`

      const insert: UploadsRepo["Service"]["insert"] = Effect.fn("UploadsRepo.insert")(function*(caller, upload) {
        const actor = yield* Effect.orDie(Schema.encodeEffect(Actor)(caller.actor))
        yield* done(sql`insert into uploads
            (tenant_id, dataset_id, document_id, id, name, size, sha256, options, actor, expires_at)
          values (${caller.tenantId}, ${upload.datasetId}, ${upload.documentId}, ${upload.id}, ${upload.name},
            ${upload.size}::float8, ${upload.sha256}, ${json(upload.options)}::jsonb, ${json(actor)}::jsonb,
            now() + interval '24 hours')`)
      })

      const find: UploadsRepo["Service"]["find"] = (tenantId, uploadId) =>
        found(sql`select ${columns} from uploads
          where tenant_id = ${tenantId} and id = ${uploadId} and expires_at > now()`)
      const lock: UploadsRepo["Service"]["lock"] = (tenantId, uploadId) =>
        found(sql`select ${columns} from uploads
          where tenant_id = ${tenantId} and id = ${uploadId} and expires_at > now() for update`)
      const answer: UploadsRepo["Service"]["answer"] = (tenantId, uploadId, accepted) =>
        done(sql`update uploads set answer = ${json(accepted)}::jsonb
          where tenant_id = ${tenantId} and id = ${uploadId}`)
      const removed = maybeRow(Schema.Struct({ id: UploadId }))
      const remove: UploadsRepo["Service"]["remove"] = (tenantId, uploadId) =>
        Effect.map(
          removed(sql`delete from uploads where tenant_id = ${tenantId} and id = ${uploadId} and answer is null
            returning id`),
          Option.isSome
        )

      const standing = rows(OpenUpload)
      const open: UploadsRepo["Service"]["open"] = (limit, after) =>
        standing(sql`select tenant_id, id, dataset_id, document_id, size from uploads
          where answer is null and expires_at > now()
            ${after === undefined ? sql`` : sql`and (tenant_id, id) > (${after.tenantId}, ${after.id})`}
          order by tenant_id, id limit ${limit}`)

      const past = rows(UploadRef)
      const expired: UploadsRepo["Service"]["expired"] = (limit) =>
        past(sql`select tenant_id, id, dataset_id, document_id from uploads
          where expires_at <= now() order by expires_at limit ${limit}`)

      const gone = maybeRow(Schema.Struct({ answer: Schema.NullOr(Accepted) }))
      const expire: UploadsRepo["Service"]["expire"] = (upload) =>
        Effect.map(
          gone(
            sql`delete from uploads where tenant_id = ${upload.tenantId} and id = ${upload.id} and expires_at <= now()
            returning answer`
          ),
          (row) => Option.isSome(row) && row.value.answer?.documentId !== upload.documentId
        )

      return UploadsRepo.of({ insert, find, lock, answer, remove, open, expired, expire })
    })
  )
}
