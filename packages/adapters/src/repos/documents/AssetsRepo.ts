import { Asset } from "@sheaf/domain/documents/Asset"
import { type DatasetId, type DocumentId, type PageCursor, type RunId, Sha256, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema, Struct } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

/** What is stored of an asset beside its bytes. */
export const NewAsset = Schema.Struct(Struct.omit(Asset.fields, ["createdAt", "documentId"]))
export type NewAsset = typeof NewAsset.Type

const AssetRow = Schema.Struct({ ...Asset.fields, createdAt: Schema.Date })

/** Which of a document's published version. */
export interface AssetsListed extends PageOptions {
  readonly documentId: DocumentId
  /** Only these. */
  readonly hashes?: ReadonlyArray<Sha256>
}

interface OfRun {
  readonly datasetId: DatasetId
  readonly documentId: DocumentId
  readonly runId: RunId
}

/**
 * Pictures and files found in documents, and which runs have them. Whoever writes holds the document's lock, and so does whoever removes
 * rows and blobs: what a run has recorded under the lock is there until no run has it.
 */
export class AssetsRepo extends Context.Service<AssetsRepo, {
  /** Says that a run has these. Under the document's lock, which whoever calls has used to look whether their blobs are there. */
  readonly record: (tenantId: TenantId, run: OfRun, assets: ReadonlyArray<NewAsset>) => Effect.Effect<void>
  /** What a run has so far. */
  readonly totals: (tenantId: TenantId, runId: RunId) => Effect.Effect<{
    readonly count: number
    readonly bytes: number
  }>
  /** In the order of their hashes: all that a run has found. */
  readonly ofRun: (tenantId: TenantId, runId: RunId) => Effect.Effect<ReadonlyArray<Asset>>
  /** In the order of their hashes. `None` for a cursor that is not of this list. */
  readonly published: (tenantId: TenantId, options: AssetsListed) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Asset>; readonly next?: PageCursor }>
  >
  readonly find: (tenantId: TenantId, documentId: DocumentId, hash: Sha256) => Effect.Effect<Option.Option<Asset>>
  /**
   * Up to `limit` of a document that no run has which is published, newer than that, or at work: nobody reads them any more. Where nothing
   * was ever published, those that no run at work has.
   */
  readonly unused: (tenantId: TenantId, documentId: DocumentId, limit: number) => Effect.Effect<ReadonlyArray<Sha256>>
  /** Under the document's lock, once their blobs are gone: these rows go, with what old runs say of them. */
  readonly remove: (
    tenantId: TenantId,
    documentId: DocumentId,
    hashes: ReadonlyArray<Sha256>
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/documents/AssetsRepo") {
  static readonly layer = Layer.effect(
    AssetsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const record: AssetsRepo["Service"]["record"] = (tenantId, { datasetId, documentId, runId }, assets) =>
        assets.length === 0 ? Effect.void : done(sql`
          with given as materialized (
            select * from jsonb_to_recordset(${json(assets)}::jsonb)
              as x(hash text, "mediaType" text, size int, name text, width int, height int)
          ), made as (
            insert into assets (tenant_id, dataset_id, document_id, hash, media_type, size, name, width, height)
            select ${tenantId}::uuid, ${datasetId}::uuid, ${documentId}::uuid, hash, "mediaType", size, name, width, height
            from given on conflict (tenant_id, document_id, hash) do nothing
          )
          insert into run_assets (tenant_id, document_id, run_id, hash)
          select ${tenantId}::uuid, ${documentId}::uuid, ${runId}::uuid, hash from given
          on conflict (tenant_id, run_id, hash) do nothing`)

      const totalsRow = oneRow(Schema.Struct({ count: Schema.Int, bytes: Schema.Finite }))
      const totals: AssetsRepo["Service"]["totals"] = (tenantId, runId) =>
        totalsRow(sql`select count(*)::int as count, coalesce(sum(a.size), 0)::float8 as bytes from ${held(sql)}
          where ra.tenant_id = ${tenantId} and ra.run_id = ${runId}`)

      const assets = rows(AssetRow)
      const ofRun: AssetsRepo["Service"]["ofRun"] = (tenantId, runId) =>
        Effect.map(
          assets(sql`select ${assetColumns(sql)} from ${held(sql)}
            where ra.tenant_id = ${tenantId} and ra.run_id = ${runId} order by a.hash`),
          (found) => found.map((row) => new Asset(row))
        )

      const published: AssetsRepo["Service"]["published"] = Effect.fn("AssetsRepo.published")(
        function*(tenantId, { cursor, documentId, hashes, limit = 50 }) {
          const after = decodeCursor(Sha256, cursor)
          if (Option.isNone(after)) return Option.none()
          const found = yield* assets(sql`select ${assetColumns(sql)} from documents d
            join ${held(sql)} on ra.tenant_id = d.tenant_id and ra.run_id = d.published_run_id
            where d.tenant_id = ${tenantId} and d.id = ${documentId}
              ${hashes === undefined ? sql`` : sql`and ra.hash = any(${[...hashes]}::text[])`}
              ${after.value === undefined ? sql`` : sql`and ra.hash > ${after.value}`}
            order by ra.hash limit ${limit + 1}`)
          const items = found.slice(0, limit).map((row) => new Asset(row))
          const last = items.at(-1)
          return Option.some(
            found.length > limit && last !== undefined ? { items, next: encodeCursor(Sha256, last.hash) } : { items }
          )
        }
      )

      const one = maybeRow(AssetRow)
      const find: AssetsRepo["Service"]["find"] = (tenantId, documentId, hash) =>
        Effect.map(
          one(sql`select ${assetColumns(sql)} from assets a
            where a.tenant_id = ${tenantId} and a.document_id = ${documentId} and a.hash = ${hash}`),
          Option.map((row) => new Asset(row))
        )

      const hashes = rows(Schema.Struct({ hash: Sha256 }))
      const unused: AssetsRepo["Service"]["unused"] = (tenantId, documentId, limit) =>
        Effect.map(
          hashes(sql`select a.hash from assets a
            join documents d on d.tenant_id = a.tenant_id and d.id = a.document_id
            left join runs p on p.tenant_id = d.tenant_id and p.id = d.published_run_id
            where a.tenant_id = ${tenantId} and a.document_id = ${documentId}
              and not exists (select 1 from run_assets ra join runs r on r.tenant_id = ra.tenant_id and r.id = ra.run_id
                where ra.tenant_id = a.tenant_id and ra.document_id = a.document_id and ra.hash = a.hash
                  and (r.number >= p.number or r.state not in ('published', 'failed', 'cancelled')))
            order by a.hash limit ${limit}`),
          (found) => found.map(({ hash }) => hash)
        )

      const remove: AssetsRepo["Service"]["remove"] = (tenantId, documentId, gone) =>
        gone.length === 0 ?
          Effect.void :
          done(sql`delete from assets where tenant_id = ${tenantId} and document_id = ${documentId}
          and hash = any(${[...gone]}::text[])`)

      return AssetsRepo.of({ record, totals, ofRun, published, find, unused, remove })
    })
  )
}

/** Runs (alias `ra`) and what they have (alias `a`). */
const held = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`(run_assets ra
    join assets a on a.tenant_id = ra.tenant_id and a.document_id = ra.document_id and a.hash = ra.hash)`

/** Of an asset (alias `a`), as `Asset` has them. */
const assetColumns = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`a.document_id, a.hash, a.media_type, a.size, a.name, a.width, a.height, a.created_at`
