import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Metadata } from "@sheaf/domain/documents/Metadata"
import { DatasetId, type DocumentId, RunId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

/** What the index ought to know of a document, and how far it has been seen to. */
const OwingDocument = Schema.Struct({
  datasetId: DatasetId,
  name: Schema.String,
  mediaType: Schema.NullOr(Schema.String),
  createdAt: Schema.Date,
  metadata: Metadata,
  publishedRunId: Schema.NullOr(RunId),
  /** Neither disabled nor archived: its segments may have entries. */
  effective: Schema.Boolean,
  deleting: Schema.Boolean,
  generation: Schema.Int,
  synced: Schema.Int,
  /** A change of the flags that its segments have not been told of yet. */
  untold: Schema.Boolean
})
export type OwingDocument = typeof OwingDocument.Type

/** A segment that is to have an entry. */
const WantedSegment = Schema.Struct({
  id: SegmentId,
  version: Schema.Int,
  text: Schema.String,
  headingPath: Schema.Array(Schema.String),
  textHash: Schema.String,
  language: Schema.String,
  keywords: Schema.Array(Schema.String)
})
export type WantedSegment = typeof WantedSegment.Type

export interface Written {
  readonly id: SegmentId
  /** As it was when it was read for writing. */
  readonly version: number
}

/**
 * What the index owes the rows of one document. A segment that has to change there is `pending` or `failed`, or on its way out; those
 * that only a version in the making holds, and that may have entries, are left to that version's own work.
 */
export class OwedEntriesRepo extends Context.Service<OwedEntriesRepo, {
  readonly document: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<OwingDocument>>
  /** Under the document's lock: tells up to `limit` segments of a change of the flags. Answers whether all are told. */
  readonly tell: (tenantId: TenantId, documentId: DocumentId, limit: number) => Effect.Effect<boolean>
  /** Under the document's lock: sends up to `limit` on their way out that must not have an entry. Answers how many are on it. */
  readonly sendOut: (tenantId: TenantId, documentId: DocumentId, limit: number) => Effect.Effect<number>
  /**
   * Until the end of the caller's transaction nobody else takes entries of the document out of the index. Taken before the document's
   * lock, which nobody shall wait for as long as an index may take.
   */
  readonly removeAlone: (documentId: DocumentId) => Effect.Effect<void>
  /** Up to `limit` that are on their way out. */
  readonly goingOut: (
    tenantId: TenantId,
    documentId: DocumentId,
    limit: number
  ) => Effect.Effect<ReadonlyArray<SegmentId>>
  /** Up to `limit` that are to have an entry, in the order of their ids after the given one. */
  readonly wanted: (
    tenantId: TenantId,
    documentId: DocumentId,
    options: { readonly after: SegmentId | null; readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<WantedSegment>>
  /** One segment of the published version that has an entry: what is written with it holds for all entries of the document. */
  readonly sample: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<WantedSegment>>
  /** Under the document's lock: the entries are written. Those that have changed since stay owed. */
  readonly settle: (
    tenantId: TenantId,
    documentId: DocumentId,
    written: ReadonlyArray<Written>
  ) => Effect.Effect<void>
  /**
   * The entries of a version in the making are written. Locks the document; `false`, and nothing is marked, where it has changed since it
   * was at `generation`.
   */
  readonly settleAt: (
    tenantId: TenantId,
    documentId: DocumentId,
    at: { readonly generation: number; readonly written: ReadonlyArray<Written> }
  ) => Effect.Effect<boolean>
  /** Under the document's lock: whatever was thought of these segments, their entries are to be looked after. */
  readonly owe: (tenantId: TenantId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<void>
  /** Whether a version has segments that the index owes, or something was changed before it was published. */
  readonly owes: (tenantId: TenantId, runId: RunId) => Effect.Effect<boolean>
  /** These are not there any more, of these. */
  readonly missing: (
    tenantId: TenantId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlyArray<SegmentId>>
  /** Under the document's lock: the index or the embedder wants nothing of these segments, or of the document. */
  readonly refuse: (
    tenantId: TenantId,
    documentId: DocumentId,
    refused: ReadonlyArray<Written>,
    cause: FailureCause
  ) => Effect.Effect<void>
  /** Under the document's lock: whether nothing is owed any more. Then the index agrees with this generation. */
  readonly complete: (tenantId: TenantId, documentId: DocumentId, generation: number) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/segments/OwedEntriesRepo") {
  static readonly layer = Layer.effect(
    OwedEntriesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const found = maybeRow(OwingDocument)
      const document: OwedEntriesRepo["Service"]["document"] = (tenantId, documentId) =>
        found(
          sql`select dataset_id, name, media_type, created_at, metadata, published_run_id, deleting, generation, synced,
            enabled and not archived as effective, reindexed > synced as untold
          from documents where tenant_id = ${tenantId} and id = ${documentId}`
        )

      const ofDocument = (tenantId: TenantId, documentId: DocumentId) =>
        sql`s.tenant_id = ${tenantId} and s.document_id = ${documentId}`
      const owed = sql`(s.index_state <> 'in_sync' or s.going_out)`
      const held = sql`exists (select 1 from run_segments rs where rs.tenant_id = s.tenant_id and rs.segment_id = s.id)`
      const published = sql`exists (select 1 from run_segments rs join documents d on d.tenant_id = rs.tenant_id
        and d.id = rs.document_id and d.published_run_id = rs.run_id
        where rs.tenant_id = s.tenant_id and rs.segment_id = s.id)`
      const effective = sql`(s.enabled and s.searched and exists (select 1 from documents d
        where d.tenant_id = s.tenant_id and d.id = s.document_id and d.enabled and not d.archived and not d.deleting))`

      const ids = rows(Schema.Struct({ id: SegmentId }))
      const tell: OwedEntriesRepo["Service"]["tell"] = Effect.fn("OwedEntriesRepo.tell")(
        function*(tenantId, documentId, limit) {
          const told = yield* ids(sql`update segments set index_state = 'pending'
            where tenant_id = ${tenantId} and id = any(array(
              select s.id from segments s where ${ofDocument(tenantId, documentId)} and s.index_state = 'in_sync'
                and ${held} limit ${limit})) returning id`)
          if (told.length === limit) return false
          yield* done(sql`update documents set reindexed = synced where tenant_id = ${tenantId} and id = ${documentId}`)
          return true
        }
      )

      const sendOut: OwedEntriesRepo["Service"]["sendOut"] = (tenantId, documentId, limit) =>
        Effect.map(
          ids(sql`update segments set going_out = true where tenant_id = ${tenantId} and id = any(array(
            select s.id from segments s where ${ofDocument(tenantId, documentId)} and ${owed}
              and (s.going_out or not ${effective} or not ${held}) limit ${limit})) returning id`),
          (marked) => marked.length
        )

      const removeAlone: OwedEntriesRepo["Service"]["removeAlone"] = (documentId) =>
        done(sql`select pg_advisory_xact_lock(hashtextextended(${`entries ${documentId}`}, 0))`)
      const goingOut: OwedEntriesRepo["Service"]["goingOut"] = (tenantId, documentId, limit) =>
        Effect.map(
          ids(
            sql`select s.id from segments s where ${ofDocument(tenantId, documentId)} and s.going_out limit ${limit}`
          ),
          (marked) => marked.map(({ id }) => id)
        )

      const segments = rows(WantedSegment)
      const columns = sql`s.id, s.version, s.text, s.heading_path, s.text_hash, s.language, s.keywords from segments s`
      const wanted: OwedEntriesRepo["Service"]["wanted"] = (tenantId, documentId, { after, limit }) =>
        segments(sql`select ${columns} where ${ofDocument(tenantId, documentId)} and s.index_state <> 'in_sync'
            and not s.going_out and ${effective} and ${published}
            ${after === null ? sql`` : sql`and s.id > ${after}::uuid`}
          order by s.id limit ${limit}`)

      const sampled = maybeRow(WantedSegment)
      const sample: OwedEntriesRepo["Service"]["sample"] = (tenantId, documentId) =>
        sampled(sql`select ${columns} join documents d on d.tenant_id = s.tenant_id and d.id = s.document_id
            and d.enabled and not d.archived and not d.deleting
          join run_segments rs on rs.tenant_id = d.tenant_id and rs.run_id = d.published_run_id and rs.segment_id = s.id
          where ${
          ofDocument(tenantId, documentId)
        } and s.enabled and s.searched and s.index_state = 'in_sync' and not s.going_out
          order by rs.ordinal limit 1`)

      /**
       * Where the rows of these segments lie that are as they were. Looked up one by one: a join, as the planner sees it that does not know
       * yet how many segments a document has, would read all of them each time.
       */
      const lying = (tenantId: TenantId, documentId: DocumentId, written: ReadonlyArray<Written>) =>
        sql`any(array(
          select x.place from unnest(${written.map(({ id }) => id)}::uuid[], ${
          written.map(({ version }) => version)
        }::int[])
            as given(id, version)
          cross join lateral (
            select ctid as place, document_id, version from segments where tenant_id = ${tenantId}::uuid and id = given.id offset 0
          ) x
          where x.document_id = ${documentId}::uuid and x.version = given.version))`
      const missing: OwedEntriesRepo["Service"]["missing"] = (tenantId, segmentIds) =>
        Effect.map(
          ids(sql`select x.id from unnest(${[...segmentIds]}::uuid[]) as x(id)
            where not exists (select 1 from segments where tenant_id = ${tenantId} and id = x.id)`),
          (gone) => gone.map(({ id }) => id)
        )
      const settle: OwedEntriesRepo["Service"]["settle"] = (tenantId, documentId, written) =>
        done(sql`update segments s set index_state = 'in_sync', index_cause = null
          where s.ctid = ${lying(tenantId, documentId, written)} and s.index_state <> 'in_sync' and not s.going_out`)

      const same = oneRow(Schema.Struct({ isSame: Schema.Boolean }))
      const settleAt: OwedEntriesRepo["Service"]["settleAt"] = Effect.fn("OwedEntriesRepo.settleAt")(
        function*(tenantId, documentId, { generation, written }) {
          const found = yield* same(sql`with document as materialized (
              select generation = ${generation} as is_same from documents
              where tenant_id = ${tenantId}::uuid and id = ${documentId}::uuid for update
            ), marked as (
              update segments s set index_state = 'in_sync', index_cause = null
              where s.ctid = ${lying(tenantId, documentId, written)} and not s.going_out
                and (select is_same from document) returning 1
            )
            select coalesce((select is_same from document), false)
              and (select count(*) from marked) = ${written.length} as is_same`)
          return found.isSame
        }
      )

      const owe: OwedEntriesRepo["Service"]["owe"] = (tenantId, segmentIds) =>
        done(sql`update segments set index_state = 'pending'
          where tenant_id = ${tenantId} and id = any(${[...segmentIds]}::uuid[]) and index_state = 'in_sync'`)

      const owing = oneRow(Schema.Struct({ owes: Schema.Boolean }))
      const owes: OwedEntriesRepo["Service"]["owes"] = (tenantId, runId) =>
        Effect.map(
          owing(sql`select exists (select 1 from runs r join documents d on d.tenant_id = r.tenant_id
                and d.id = r.document_id and d.generation > 0 where r.tenant_id = ${tenantId} and r.id = ${runId})
              or exists (select 1 from run_segments rs join segments s on s.tenant_id = rs.tenant_id
                and s.id = rs.segment_id and s.index_state <> 'in_sync'
                where rs.tenant_id = ${tenantId} and rs.run_id = ${runId}) as owes`),
          (found) => found.owes
        )

      const refuse: OwedEntriesRepo["Service"]["refuse"] = Effect.fn("OwedEntriesRepo.refuse")(
        function*(tenantId, documentId, refused, cause) {
          yield* done(sql`update segments s set index_state = 'failed', index_cause = ${json(cause)}::jsonb
            where s.ctid = ${lying(tenantId, documentId, refused)}`)
          yield* done(sql`update documents set index_cause = ${json(cause)}::jsonb
            where tenant_id = ${tenantId} and id = ${documentId}`)
        }
      )

      const completed = oneRow(Schema.Struct({ complete: Schema.Boolean }))
      const complete: OwedEntriesRepo["Service"]["complete"] = Effect.fn("OwedEntriesRepo.complete")(
        function*(tenantId, documentId, generation) {
          const nothingOwed = sql`not exists (select 1 from segments s where ${
            ofDocument(tenantId, documentId)
          } and ${owed}
            and (s.going_out or not ${effective} or ${published} or not ${held}))`
          const found = yield* completed(sql`with agreed as (
              update documents set synced = ${generation}, index_cause = null
              where tenant_id = ${tenantId} and id = ${documentId} and generation = ${generation} and reindexed <= synced
                and ${nothingOwed} returning 1
            ) select exists (select 1 from agreed) as complete`)
          return found.complete
        }
      )

      return OwedEntriesRepo.of({
        document,
        tell,
        sendOut,
        removeAlone,
        goingOut,
        wanted,
        sample,
        settle,
        settleAt,
        owe,
        owes,
        missing,
        refuse,
        complete
      })
    })
  )
}
