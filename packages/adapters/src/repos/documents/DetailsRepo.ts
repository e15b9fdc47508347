import { MetadataFields } from "@sheaf/domain/documents/fields"
import { Metadata } from "@sheaf/domain/documents/Metadata"
import { DatasetId, type DocumentId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, json, maybeRow } from "../rows.ts"

const Details = Schema.Struct({
  datasetId: DatasetId,
  name: Schema.String,
  metadata: Metadata,
  version: Schema.Int,
  fields: MetadataFields
})
export type Details = typeof Details.Type

/** What people say about documents: their names and metadata. */
export class DetailsRepo extends Context.Service<DetailsRepo, {
  /** Without a lock. */
  readonly find: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<Details>>
  /** With the fields that its dataset has. Locks the document until the end of the caller's transaction; `None` when it is on its way out. */
  readonly lock: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<Details>>
  /** Changes what is given, and counts the change. Part of a transaction that holds the document. */
  readonly set: (
    tenantId: TenantId,
    documentId: DocumentId,
    change: { readonly name?: string; readonly metadata?: Metadata }
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/documents/DetailsRepo") {
  static readonly layer = Layer.effect(
    DetailsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = maybeRow(Details)
      const one = (tenantId: TenantId, documentId: DocumentId) =>
        sql`select d.dataset_id, d.name, d.metadata, d.version, ds.fields from documents d
          join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
          where d.tenant_id = ${tenantId} and d.id = ${documentId} and not d.deleting and not ds.deleting`
      return DetailsRepo.of({
        find: (tenantId, documentId) => found(one(tenantId, documentId)),
        lock: (tenantId, documentId) => found(sql`${one(tenantId, documentId)} for update of d`),
        set: (tenantId, documentId, { metadata, name }) =>
          metadata === undefined && name === undefined
            ? Effect.void
            : done(sql`update documents set version = version + 1, updated_at = now(),
                name = coalesce(${name ?? null}, name),
                metadata = coalesce(${metadata === undefined ? null : json(metadata)}::jsonb, metadata)
              where tenant_id = ${tenantId} and id = ${documentId}`)
      })
    })
  )
}
