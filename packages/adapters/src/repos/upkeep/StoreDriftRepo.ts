import { DatasetId, DocumentId, SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { maybeRow, rows } from "../rows.ts"

/** Vectors looked through at a time. */
const window = 1_000

const Place = Schema.Struct({ datasetId: DatasetId, documentId: DocumentId })
export type Place = typeof Place.Type

const Original = Schema.Struct({ ...Place.fields, contentId: Schema.NullOr(Schema.String) })

/** What the blobs and the vectors of a tenant belong to, and what its datasets count. */
export class StoreDriftRepo extends Context.Service<StoreDriftRepo, {
  /**
   * Of these, those that are neither documents nor uploads in the making, nor files of imports. An upload whose answer
   * is another document has no bytes.
   */
  readonly ownerless: (tenantId: TenantId, places: ReadonlyArray<Place>) => Effect.Effect<ReadonlyArray<Place>>
  /** Documents that are not on their way out, in the order of their ids within their datasets: after one place and up to another. */
  readonly documents: (
    tenantId: TenantId,
    after: Place | null,
    upTo: Place | null,
    limit: number
  ) => Effect.Effect<ReadonlyArray<typeof Original.Type>>
  readonly original: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<typeof Original.Type>>
  /** Vectors after that one of whose text no segment of the tenant is left; `next`: where to go on. */
  readonly strayVectors: (tenantId: TenantId, after: readonly [string, string] | null) => Effect.Effect<{
    readonly found: ReadonlyArray<{ readonly spaceId: SpaceId; readonly textHash: string }>
    readonly next: readonly [string, string] | null
  }>
  /** Whether it is still so; with `repair` it goes. */
  readonly strayVector: (tenantId: TenantId, spaceId: string, textHash: string, options: {
    readonly repair: boolean
  }) => Effect.Effect<boolean>
  /** Datasets whose counters a recount does not confirm. */
  readonly miscounted: (tenantId: TenantId, after: string | null) => Effect.Effect<{
    readonly found: ReadonlyArray<DatasetId>
    readonly next: string | null
  }>
  /** Whether it is still so; with `repair` the difference is counted, in the statement that has seen it. */
  readonly recount: (tenantId: TenantId, datasetId: DatasetId, options: {
    readonly repair: boolean
  }) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/upkeep/StoreDriftRepo") {
  static readonly layer = Layer.effect(
    StoreDriftRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const placeRows = rows(Place)
      const ownerless: StoreDriftRepo["Service"]["ownerless"] = (tenantId, places) =>
        placeRows(sql`select x.dataset_id, x.document_id
          from unnest(${places.map(({ datasetId }) => datasetId)}::uuid[],
            ${places.map(({ documentId }) => documentId)}::uuid[]) as x(dataset_id, document_id)
          where not exists (select 1 from documents d where d.tenant_id = ${tenantId} and d.id = x.document_id
              and d.dataset_id = x.dataset_id)
            and not exists (select 1 from uploads u where u.tenant_id = ${tenantId} and u.document_id = x.document_id
              and u.dataset_id = x.dataset_id and u.answer is null)
            and not exists (select 1 from imports i where i.tenant_id = ${tenantId} and i.id = x.document_id
              and i.finished_at is null)`)

      const originals = rows(Original)
      const originalOf = maybeRow(Original)
      const documents: StoreDriftRepo["Service"]["documents"] = (tenantId, after, upTo, limit) =>
        originals(sql`select dataset_id, id as document_id, content_id from documents
          where tenant_id = ${tenantId} and not deleting ${
          after === null
            ? sql``
            : sql`and (dataset_id, id) > (${after.datasetId}::uuid, ${after.documentId}::uuid)`
        } ${
          upTo === null
            ? sql``
            : sql`and (dataset_id, id) <= (${upTo.datasetId}::uuid, ${upTo.documentId}::uuid)`
        } order by dataset_id, id limit ${limit}`)

      const Vector = Schema.Struct({ spaceId: SpaceId, textHash: Schema.String, stray: Schema.Boolean })
      const vectors = rows(Vector)
      const unused = sql`not exists (select 1 from segments s
        where s.tenant_id = v.tenant_id and s.text_hash = v.text_hash)`
      const strayVectors: StoreDriftRepo["Service"]["strayVectors"] = Effect.fn("StoreDriftRepo.strayVectors")(
        function*(tenantId, after) {
          const some = yield* vectors(sql`select v.space_id, v.text_hash, ${unused} as stray
            from (select tenant_id, space_id, text_hash from vectors where tenant_id = ${tenantId}
              ${after === null ? sql`` : sql`and (space_id, text_hash) > (${after[0]}, ${after[1]})`}
              order by space_id, text_hash limit ${window}) v order by v.space_id, v.text_hash`)
          const last = some.at(-1)
          return {
            found: some.filter(({ stray }) => stray),
            next: some.length < window || last === undefined ? null : [last.spaceId, last.textHash]
          }
        }
      )
      const one = maybeRow(Schema.Struct({ spaceId: SpaceId }))
      const strayVector: StoreDriftRepo["Service"]["strayVector"] = (tenantId, spaceId, textHash, { repair }) => {
        const it =
          sql`v.tenant_id = ${tenantId} and v.space_id = ${spaceId} and v.text_hash = ${textHash} and ${unused}`
        return Effect.map(
          one(
            repair
              ? sql`delete from vectors v where ${it} returning v.space_id`
              : sql`select v.space_id from vectors v where ${it}`
          ),
          Option.isSome
        )
      }

      // Everything in one look: what is counted and the rows it counts are changed in the same transactions.
      const differences = (tenantId: TenantId, datasetIds: ReadonlyArray<DatasetId>) =>
        sql`select ds.tenant_id, ds.id as dataset_id, r.documents - coalesce(c.documents, 0) - x.documents as documents,
            r.segments - coalesce(c.segments, 0) - x.segments as segments,
            r.tokens - coalesce(c.tokens, 0) - x.tokens as tokens, r.bytes - coalesce(c.bytes, 0) - x.bytes as bytes
          from datasets ds
          left join dataset_counters c on c.tenant_id = ds.tenant_id and c.dataset_id = ds.id
          cross join lateral (select coalesce(sum(documents), 0) as documents, coalesce(sum(segments), 0) as segments,
              coalesce(sum(tokens), 0) as tokens, coalesce(sum(bytes), 0) as bytes
            from dataset_counter_deltas where tenant_id = ds.tenant_id and dataset_id = ds.id) x
          cross join lateral (select count(*) as documents, coalesce(sum(segments), 0) as segments,
              coalesce(sum(tokens), 0) as tokens, coalesce(sum(size), 0) as bytes
            from documents where tenant_id = ds.tenant_id and dataset_id = ds.id and not deleting) r
          where ds.tenant_id = ${tenantId} and ds.id = any(${[...datasetIds]}::uuid[]) and not ds.deleting`
      const isOff = sql`documents <> 0 or segments <> 0 or tokens <> 0 or bytes <> 0`
      const datasets = rows(Schema.Struct({ datasetId: DatasetId }))
      const ids = rows(Schema.Struct({ id: DatasetId }))
      const miscounted: StoreDriftRepo["Service"]["miscounted"] = Effect.fn("StoreDriftRepo.miscounted")(
        function*(tenantId, after) {
          // One at a time: it may have very many documents.
          const [dataset] = yield* ids(sql`select id from datasets where tenant_id = ${tenantId} and not deleting
            ${after === null ? sql`` : sql`and id > ${after}::uuid`} order by id limit 1`)
          if (dataset === undefined) return { found: [], next: null }
          const off = yield* datasets(
            sql`select dataset_id from (${differences(tenantId, [dataset.id])}) d where ${isOff}`
          )
          return { found: off.map(({ datasetId }) => datasetId), next: dataset.id }
        }
      )
      const recount: StoreDriftRepo["Service"]["recount"] = (tenantId, datasetId, { repair }) =>
        Effect.map(
          datasets(
            repair
              ? sql`insert into dataset_counter_deltas (tenant_id, dataset_id, documents, segments, tokens, bytes)
                select * from (${differences(tenantId, [datasetId])}) d where ${isOff} returning dataset_id`
              : sql`select dataset_id from (${differences(tenantId, [datasetId])}) d where ${isOff}`
          ),
          (found) => found.length > 0
        )

      return StoreDriftRepo.of({
        ownerless,
        documents,
        original: (tenantId, documentId) =>
          originalOf(sql`select dataset_id, id as document_id, content_id from documents
            where tenant_id = ${tenantId} and id = ${documentId} and not deleting`),
        strayVectors,
        strayVector,
        miscounted,
        recount
      })
    })
  )
}
