import { DatasetId, DocumentId, SegmentId, type SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, rows } from "../rows.ts"

/** Segments compared with the index at a time. */
const window = 500

const StoredVector = Schema.Struct({ id: SegmentId, language: Schema.String, vector: Schema.Uint8Array })
export type StoredVector = typeof StoredVector.Type

const Expected = Schema.Struct({
  id: SegmentId,
  documentId: DocumentId,
  datasetId: DatasetId,
  isExpected: Schema.Boolean
})

/**
 * Which entries the index must have, and which it must not, by the rows. `must not` is narrower than the opposite of `must`: what a version
 * in the making holds may have an entry, and what is marked as owed is somebody's work already.
 */
export class IndexDriftRepo extends Context.Service<IndexDriftRepo, {
  readonly spaces: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<Space>>
  /** Of these entries of a space, the ones that must not be. */
  readonly unwanted: (
    tenantId: TenantId,
    spaceId: SpaceId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<
    ReadonlyArray<{
      readonly id: SegmentId
      /** `null`: there is no such segment. */
      readonly documentId: DocumentId | null
      readonly datasetId: DatasetId | null
      /** Its dataset is not in the space, and is not moving to it or away from it. */
      readonly isElsewhere: boolean
    }>
  >
  /** The segments after that one that must have an entry in the space that their dataset serves from; `next`: where to go on. */
  readonly wanted: (tenantId: TenantId, spaceId: SpaceId, after: string | null) => Effect.Effect<{
    readonly found: ReadonlyArray<{ readonly id: SegmentId; readonly documentId: DocumentId }>
    readonly next: string | null
  }>
  /** Whether that still holds for one of them. */
  readonly isWanted: (tenantId: TenantId, spaceId: SpaceId, segmentId: SegmentId) => Effect.Effect<boolean>
  /** The vectors that were made of their texts, as they are in the table; of those that have none nothing. */
  readonly stored: (
    tenantId: TenantId,
    spaceId: SpaceId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlyArray<StoredVector>>
  /** Removes the vector of a segment's text: it is made again when it is wanted. */
  readonly forgetVector: (tenantId: TenantId, spaceId: SpaceId, segmentId: SegmentId) => Effect.Effect<void>
  /** Nobody begins or ends a move of the dataset until the end of the caller's transaction. */
  readonly holdDataset: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/upkeep/IndexDriftRepo") {
  static readonly layer = Layer.effect(
    IndexDriftRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const descriptors = rows(Schema.Struct({ descriptor: Space }))
      const effective = sql`s.enabled and s.searched and d.enabled and not d.archived and not d.deleting`
      const published = sql`exists (select 1 from run_segments rs where rs.tenant_id = s.tenant_id
        and rs.segment_id = s.id and rs.run_id = d.published_run_id)`
      const held = sql`exists (select 1 from run_segments rs where rs.tenant_id = s.tenant_id and rs.segment_id = s.id)`
      const settled = sql`s.index_state = 'in_sync' and not s.going_out and d.synced = d.generation`

      const Unwanted = Schema.Struct({
        id: SegmentId,
        documentId: Schema.NullOr(DocumentId),
        datasetId: Schema.NullOr(DatasetId),
        isElsewhere: Schema.Boolean
      })
      const unwantedRows = rows(Unwanted)
      const unwanted: IndexDriftRepo["Service"]["unwanted"] = (tenantId, spaceId, segmentIds) =>
        unwantedRows(sql`select id, document_id, dataset_id, elsewhere as is_elsewhere from (
            select x.id, s.document_id, d.dataset_id,
              coalesce(ds.space_id <> ${spaceId} and not exists (select 1 from space_changes ch
                where ch.tenant_id = ds.tenant_id and ch.dataset_id = ds.id and ch.cleaned_at is null
                  and (ch.from_space_id = ${spaceId} or ch.to_space_id = ${spaceId})), false) as elsewhere,
              s.id is null as unknown, coalesce(${settled} and not (${effective} and ${held}), false) as hidden
            from unnest(${[...segmentIds]}::uuid[]) as x(id)
            left join segments s on s.tenant_id = ${tenantId} and s.id = x.id
            left join documents d on d.tenant_id = s.tenant_id and d.id = s.document_id
            left join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
          ) e where unknown or elsewhere or hidden`)

      const expected = rows(Expected)
      const candidates = (tenantId: TenantId, spaceId: SpaceId) =>
        sql`d.tenant_id = ${tenantId} and ds.space_id = ${spaceId} and ${settled} and ${effective} and ${published}`
      const ofTenant = sql`join documents d on d.tenant_id = s.tenant_id and d.id = s.document_id
        join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id`
      const wanted: IndexDriftRepo["Service"]["wanted"] = Effect.fn("IndexDriftRepo.wanted")(
        function*(tenantId, spaceId, after) {
          const some = yield* expected(sql`select s.id, s.document_id, d.dataset_id,
              (${candidates(tenantId, spaceId)}) as is_expected
            from (select * from segments where tenant_id = ${tenantId}
              ${after === null ? sql`` : sql`and id > ${after}::uuid`} order by id limit ${window}) s
            ${ofTenant} order by s.id`)
          return {
            found: some.filter((segment) => segment.isExpected),
            next: some.length < window ? null : some.at(-1)!.id
          }
        }
      )

      const vectors = rows(StoredVector)
      const stored: IndexDriftRepo["Service"]["stored"] = (tenantId, spaceId, segmentIds) =>
        vectors(sql`select s.id, s.language, v.vector from segments s
          join vectors v on v.tenant_id = s.tenant_id and v.space_id = ${spaceId} and v.text_hash = s.text_hash
          where s.tenant_id = ${tenantId} and s.id = any(${[...segmentIds]}::uuid[])`)

      const one = rows(Schema.Struct({ id: SegmentId }))
      return IndexDriftRepo.of({
        spaces: (tenantId) =>
          Effect.map(
            descriptors(sql`select descriptor from spaces where tenant_id = ${tenantId} order by id`),
            (found) => found.map(({ descriptor }) => descriptor)
          ),
        unwanted,
        wanted,
        stored,
        forgetVector: (tenantId, spaceId, segmentId) =>
          done(sql`delete from vectors v using segments s
            where v.tenant_id = ${tenantId} and v.space_id = ${spaceId} and s.tenant_id = ${tenantId}
              and s.id = ${segmentId} and v.text_hash = s.text_hash`),
        isWanted: (tenantId, spaceId, segmentId) =>
          Effect.map(
            one(sql`select s.id from segments s ${ofTenant}
              where s.tenant_id = ${tenantId} and s.id = ${segmentId} and ${candidates(tenantId, spaceId)}`),
            (found) => found.length > 0
          ),
        holdDataset: (tenantId, datasetId) =>
          Effect.asVoid(Effect.orDie(
            sql`select 1 from datasets where tenant_id = ${tenantId} and id = ${datasetId} for share`
          ))
      })
    })
  )
}
