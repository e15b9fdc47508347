import { DatasetId, DocumentId, Sha256, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { json, rows } from "../rows.ts"

const Place = Schema.Struct({ datasetId: DatasetId, documentId: DocumentId, hash: Sha256 })
/** One asset of a document. */
export type AssetPlace = typeof Place.Type

/** What rows say of assets, for whoever compares them with the blobs. */
export class AssetDriftRepo extends Context.Service<AssetDriftRepo, {
  /** Those of documents that are not on their way out, in the order of documents and hashes, after one of them. */
  readonly after: (
    tenantId: TenantId,
    place: Pick<AssetPlace, "documentId" | "hash"> | null,
    limit: number
  ) => Effect.Effect<ReadonlyArray<AssetPlace>>
  /** Of these, those that no row speaks of, of documents that are not on their way out. */
  readonly unknown: (
    tenantId: TenantId,
    places: ReadonlyArray<AssetPlace>
  ) => Effect.Effect<ReadonlyArray<AssetPlace>>
}>()("@sheaf/adapters/repos/upkeep/AssetDriftRepo") {
  static readonly layer = Layer.effect(
    AssetDriftRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const places = rows(Place)
      return AssetDriftRepo.of({
        after: (tenantId, place, limit) =>
          places(sql`select a.dataset_id, a.document_id, a.hash from assets a
            join documents d on d.tenant_id = a.tenant_id and d.id = a.document_id and not d.deleting
            where a.tenant_id = ${tenantId} ${
            place === null ? sql`` : sql`and (a.document_id, a.hash) > (${place.documentId}::uuid, ${place.hash})`
          } order by a.document_id, a.hash limit ${limit}`),
        unknown: (tenantId, given) =>
          given.length === 0
            ? Effect.succeed([])
            : places(sql`select d.dataset_id, d.id as document_id, x.hash
              from jsonb_to_recordset(${json(given)}::jsonb) as x("documentId" uuid, hash text)
              join documents d on d.tenant_id = ${tenantId} and d.id = x."documentId" and not d.deleting
              where not exists (select 1 from assets a
                where a.tenant_id = d.tenant_id and a.document_id = d.id and a.hash = x.hash)`)
      })
    })
  )
}
