import { Metadata } from "@sheaf/domain/documents/Metadata"
import { DocumentId, SegmentId, type SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { oneRow, rows } from "../rows.ts"
import type { ChangePosition, ChangeRow } from "./SpaceChangesRepo.ts"

/** Documents looked at for one page. */
const documentsPerPage = 64

/** Segments, in the order of their documents, that have entries in the space which a dataset leaves. */
export interface SpacePage {
  readonly segments: ReadonlyArray<{ readonly id: SegmentId; readonly documentId: DocumentId }>
  /** Documents that end with it. */
  readonly documents: number
  /** `null` when there is nothing after it. */
  readonly position: ChangePosition | null
}

const Embeddable = Schema.Struct({
  id: SegmentId,
  documentId: DocumentId,
  text: Schema.String,
  keywords: Schema.Array(Schema.String),
  headingPath: Schema.Array(Schema.String),
  textHash: Schema.String,
  language: Schema.String
})

/** A segment with what its entry holds of its document. */
const Entry = Schema.Struct({
  ...Embeddable.fields,
  name: Schema.String,
  mediaType: Schema.NullOr(Schema.String),
  createdAt: Schema.Date,
  metadata: Metadata
})

type Change = Pick<ChangeRow, "id" | "datasetId">

/** What a move to another space goes through, page by page. */
export class SpacePagesRepo extends Context.Service<SpacePagesRepo, {
  /**
   * Up to `limit` segments after a position. `entries`: those that have entries, of documents that there were when the move began;
   * `all`: whatever the dataset holds.
   */
  readonly page: (
    tenantId: TenantId,
    change: Change,
    which: "entries" | "all",
    after: ChangePosition | null,
    limit: number
  ) => Effect.Effect<SpacePage>
  /** Of these the ones that have entries at this moment. */
  readonly embeddable: (
    tenantId: TenantId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlyArray<typeof Embeddable.Type>>
  /** The same, with what goes into their entries; until the end of the caller's transaction nobody else changes which ones these are. */
  readonly hold: (tenantId: TenantId, page: SpacePage["segments"]) => Effect.Effect<ReadonlyArray<typeof Entry.Type>>
  /** Removes vectors of a space that no dataset there needs, of the texts of these segments. Answers how many. */
  readonly removeVectors: (
    tenantId: TenantId,
    change: Change,
    spaceId: SpaceId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<number>
}>()("@sheaf/adapters/repos/spaces/SpacePagesRepo") {
  static readonly layer = Layer.effect(
    SpacePagesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      // What the index is told of later is owed to it by a job, which writes to both spaces.
      const hasEntry = sql`s.enabled and s.searched and s.index_state = 'in_sync' and not s.going_out`
      const documentHasEntries = sql`d.enabled and not d.archived and not d.deleting`

      const found = rows(Schema.Struct({ id: DocumentId, createdAt: Schema.String }))
      const documentsAfter = (
        tenantId: TenantId,
        { datasetId, id }: Change,
        which: string,
        after: ChangePosition | null
      ) => {
        const isThere = which === "all" ? sql`` : sql`and not d.deleting and d.created_at <=
          (select begun_at from space_changes where tenant_id = ${tenantId} and id = ${id})`
        // In the middle of a document, that one again.
        const operator = sql.literal(after?.segmentId === null ? ">" : ">=")
        const beyond = after === null
          ? sql``
          : sql`and (d.created_at, d.id) ${operator} (${after.createdAt}::timestamptz, ${after.documentId}::uuid)`
        return found(sql`select d.id, d.created_at::text as created_at from documents d
          where d.tenant_id = ${tenantId} and d.dataset_id = ${datasetId} ${isThere} ${beyond}
          order by d.created_at, d.id limit ${documentsPerPage}`)
      }

      const listed = rows(Schema.Struct({ id: SegmentId, documentId: DocumentId, at: Schema.Int }))
      const segmentsOf = (
        tenantId: TenantId,
        documentIds: ReadonlyArray<DocumentId>,
        condition: Statement.Fragment,
        after: ChangePosition | null,
        limit: number
      ) =>
        listed(sql`select x.id, given.id as document_id, given.at::int as at
          from unnest(${[...documentIds]}::uuid[]) with ordinality as given(id, at)
          cross join lateral (
            select s.id from segments s join documents d on d.tenant_id = s.tenant_id and d.id = s.document_id
            where s.tenant_id = ${tenantId} and s.document_id = given.id and ${condition}
              and (given.id is distinct from ${after?.documentId ?? null}::uuid
                or s.id > coalesce(${after?.segmentId ?? null}::uuid, '00000000-0000-0000-0000-000000000000'))
            order by s.id limit ${limit}
          ) x order by given.at, x.id limit ${limit}`)

      const page: SpacePagesRepo["Service"]["page"] = Effect.fn("SpacePagesRepo.page")(
        function*(tenantId, change, which, after, limit) {
          const documents = yield* documentsAfter(tenantId, change, which, after)
          if (documents.length === 0) return { segments: [], documents: 0, position: null }
          const condition = which === "all" ? sql`true` : sql`${hasEntry} and ${documentHasEntries}`
          const segments = yield* segmentsOf(tenantId, documents.map(({ id }) => id), condition, after, limit)
          const last = segments.at(-1)
          // A full page ends within the document of its last segment: whether there is more of that one is seen by the next page.
          const isFull = segments.length === limit && last !== undefined
          const end = isFull ? documents[last.at - 1]! : documents.at(-1)!
          return {
            segments,
            documents: isFull ? last.at - 1 : documents.length,
            position: { createdAt: end.createdAt, documentId: end.id, segmentId: isFull ? last.id : null }
          }
        }
      )

      const columns = sql`s.id, s.document_id, s.text, s.keywords, s.heading_path, s.text_hash, s.language`
      const those = (tenantId: TenantId, segmentIds: ReadonlyArray<SegmentId>) =>
        sql`from segments s join documents d on d.tenant_id = s.tenant_id and d.id = s.document_id
          where s.tenant_id = ${tenantId} and s.id = any(${[
          ...segmentIds
        ]}::uuid[]) and ${hasEntry} and ${documentHasEntries}`
      const texts = rows(Embeddable)
      const embeddable: SpacePagesRepo["Service"]["embeddable"] = (tenantId, segmentIds) =>
        texts(sql`select ${columns} ${those(tenantId, segmentIds)}`)

      // In the order of their ids, as whoever holds several documents does.
      const locked = rows(Schema.Struct({ id: DocumentId }))
      const entries = rows(Entry)
      const hold: SpacePagesRepo["Service"]["hold"] = Effect.fn("SpacePagesRepo.hold")(function*(tenantId, page) {
        const documentIds = [...new Set(page.map(({ documentId }) => documentId))]
        yield* locked(sql`select id from documents where tenant_id = ${tenantId} and id = any(${documentIds}::uuid[])
          order by id for share`)
        return yield* entries(sql`select ${columns}, d.name, d.media_type, d.created_at, d.metadata
          ${those(tenantId, page.map(({ id }) => id))}`)
      })

      const counts = oneRow(Schema.Struct({ count: Schema.Int }))
      const removeVectors: SpacePagesRepo["Service"]["removeVectors"] = (tenantId, change, spaceId, segmentIds) =>
        Effect.map(
          counts(sql`with texts as materialized (
              select distinct text_hash from segments
              where tenant_id = ${tenantId} and id = any(${[...segmentIds]}::uuid[])
            ), gone as (
              delete from vectors v using texts
              where v.tenant_id = ${tenantId} and v.space_id = ${spaceId} and v.text_hash = texts.text_hash
                and not exists (select 1 from segments s
                  join datasets ds on ds.tenant_id = s.tenant_id and ds.id = s.dataset_id
                  where s.text_hash = texts.text_hash and s.tenant_id = ${tenantId}
                    and (ds.space_id = ${spaceId} or exists (select 1 from space_changes o
                      where o.tenant_id = ds.tenant_id and o.dataset_id = ds.id and o.cleaned_at is null
                        and o.id <> ${change.id} and ${spaceId} in (o.from_space_id, o.to_space_id))))
              returning 1
            ) select count(*)::int as count from gone`),
          ({ count }) => count
        )

      return SpacePagesRepo.of({ page, embeddable, hold, removeVectors })
    })
  )
}
