import { Metadata } from "@sheaf/domain/documents/Metadata"
import { type AssetRef, Box } from "@sheaf/domain/documents/Element"
import type { Caller } from "@sheaf/domain/edge/Caller"
import {
  DatasetId,
  DocumentId,
  type PageCursor,
  type RunId,
  SegmentId,
  type SpaceId,
  type TenantId
} from "@sheaf/domain/ids"
import { IndexState } from "@sheaf/domain/segments/IndexState"
import { Segment } from "@sheaf/domain/segments/Segment"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"
import { vectorLock } from "./vectorLock.ts"
import { makeSegmentList, type SegmentsListed } from "./segmentList.ts"
import { isShown, keepHidden } from "./hiddenSegments.ts"
import { isKept } from "./isKept.ts"

export interface NewSegment {
  readonly id: SegmentId
  readonly ordinal: number
  readonly text: string
  readonly headingPath: ReadonlyArray<string>
  /** Hash of the text as it is embedded. */
  readonly textHash: string
  readonly tokens: number
  readonly language: string
  readonly boxes: ReadonlyArray<Box>
  readonly assets?: ReadonlyArray<AssetRef>
  /** A parent is not. Default true. */
  readonly searched?: boolean
  /** Of a child: the parent that it was cut from, added with it or before. */
  readonly cutParentId?: SegmentId | null
  readonly key?: string | null
  readonly fields?: Metadata
}

/** What embedding and indexing need of a segment. */
const RunSegment = Schema.Struct({
  id: SegmentId,
  ordinal: Schema.Int,
  text: Schema.String,
  headingPath: Schema.Array(Schema.String),
  textHash: Schema.String,
  language: Schema.String,
  keywords: Schema.Array(Schema.String),
  version: Schema.Int,
  enabled: Schema.Boolean,
  /** To be embedded and indexed; a parent is not. */
  searched: Schema.Boolean,
  indexState: IndexState,
  /** On its way out: nothing of it may be written to the index now. */
  goingOut: Schema.Boolean,
  /** Somebody has put another segment in its place, or none: the version will be without it. */
  replaced: Schema.Boolean
})
export type RunSegment = typeof RunSegment.Type

/** A candidate that may be shown, with all that a hit shows of it. */
const Readable = Schema.Struct({
  segmentId: SegmentId,
  documentId: DocumentId,
  datasetId: DatasetId,
  documentName: Schema.String,
  metadata: Metadata,
  text: Schema.String,
  headingPath: Schema.Array(Schema.String),
  language: Schema.String,
  boxes: Schema.Array(Box),
  /** The segment that it is a child of, where readers may see that one. */
  parent: Schema.NullOr(Schema.Struct({ segmentId: SegmentId, text: Schema.String })),
  /** The parent is read in place of its children: one of them is enough. */
  isOneOf: Schema.NullOr(SegmentId)
})
export type Readable = typeof Readable.Type

/** Segments, and which of them make up a run's version. A segment is never changed; what no live run holds is purged. */
export class SegmentsRepo extends Context.Service<SegmentsRepo, {
  /** Adds segments to a run's version; one that exists already is taken as it is, and one that was disabled when it went still is. */
  readonly add: (tenantId: TenantId, owner: {
    readonly datasetId: DatasetId
    readonly documentId: DocumentId
    readonly runId: RunId
    readonly spaceId: SpaceId
  }, segments: ReadonlyArray<NewSegment>) => Effect.Effect<void>
  /** Forgets a run's membership, to build it again. */
  readonly clear: (tenantId: TenantId, runId: RunId) => Effect.Effect<void>
  /** Those of a run with ordinals in [from, to). */
  readonly slice: (
    tenantId: TenantId,
    runId: RunId,
    from: number,
    to: number
  ) => Effect.Effect<ReadonlyArray<RunSegment>>
  readonly totals: (
    tenantId: TenantId,
    runId: RunId
  ) => Effect.Effect<{ readonly segments: number; readonly tokens: number }>
  readonly markIndexed: (tenantId: TenantId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<void>
  /** In reading order. `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: SegmentsListed) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Segment>; readonly next?: PageCursor; readonly total?: number }>
  >
  readonly find: (caller: Caller, documentId: DocumentId, segmentId: SegmentId) => Effect.Effect<Option.Option<Segment>>
  /** Of these candidates the ones that the caller may see right now: published, enabled, not deleted, permitted. */
  readonly readable: (caller: Caller, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<ReadonlyArray<Readable>>
  /** With the children of those that are read in place of them. */
  readonly withChildren: (
    tenantId: TenantId,
    runId: RunId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlyArray<SegmentId>>
  /**
   * Under the document's lock: sends up to `limit` of its segments that no run holds on their way out, and answers how many
   * are. A run may still take one up, and must not index it until `remove` has answered.
   */
  readonly sendOut: (tenantId: TenantId, documentId: DocumentId, limit: number) => Effect.Effect<number>
  /**
   * Under the document's lock, once the index has no entries of these segments that are on their way out: they go, with the vectors
   * that no other segment of the tenant needs. Those that a run holds stay, and are to be indexed if they are enabled.
   */
  readonly remove: (tenantId: TenantId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/segments/SegmentsRepo") {
  static readonly layer = Layer.effect(
    SegmentsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const add: SegmentsRepo["Service"]["add"] = Effect.fn("SegmentsRepo.add")(function*(tenantId, owner, segments) {
        if (segments.length === 0) return
        const column = <Value>(value: (segment: NewSegment) => Value): ReadonlyArray<Value> => segments.map(value)
        yield* done(sql`
          with given as materialized (
            select * from unnest(${column(({ id }) => id)}::uuid[], ${column(({ ordinal }) => ordinal)}::float8[],
              ${column(({ text }) => text)}::text[], ${column(({ headingPath }) => json(headingPath))}::text[],
              ${column(({ textHash }) => textHash)}::text[], ${column(({ tokens }) => tokens)}::int[],
              ${column(({ language }) => language)}::text[], ${column(({ boxes }) => json(boxes))}::text[],
              ${column(({ assets = [] }) => json(assets))}::text[],
              ${column(({ searched = true }) => searched)}::boolean[],
              ${column(({ cutParentId }) => cutParentId ?? "")}::text[], ${column(({ key }) => key ?? "")}::text[],
              ${column(({ fields = {} }) => json(fields))}::text[]
            ) as x(id, ordinal, text, heading_path, text_hash, tokens, language, boxes, assets, searched, parent_id, key,
              fields)
          ), added as (
            insert into segments (tenant_id, dataset_id, document_id, id, space_id, text, heading_path, text_hash, tokens, language,
              searched, parent_id, cut_parent_id, key, fields, index_state, enabled)
            select ${tenantId}::uuid, ${owner.datasetId}::uuid, ${owner.documentId}::uuid, id, ${owner.spaceId}, text,
              array(select jsonb_array_elements_text(heading_path::jsonb)), text_hash, tokens, language,
              searched, nullif(parent_id, '')::uuid, nullif(parent_id, '')::uuid, nullif(key, ''), fields::jsonb, case when searched then 'pending' else 'in_sync' end,
              ${isShown(sql, { tenantId, ...owner })} and coalesce((select p.enabled from segments p
                where p.tenant_id = ${tenantId}::uuid and p.id = nullif(given.parent_id, '')::uuid), true)
            from given on conflict (tenant_id, id) do nothing
          )
          insert into run_segments (tenant_id, document_id, run_id, ordinal, segment_id, boxes, assets)
          select ${tenantId}::uuid, ${owner.documentId}::uuid, ${owner.runId}::uuid, ordinal, id, boxes::jsonb, assets::jsonb
          from given
          on conflict (tenant_id, run_id, ordinal) do nothing`)
      })

      const clear: SegmentsRepo["Service"]["clear"] = (tenantId, runId) =>
        done(sql`delete from run_segments where tenant_id = ${tenantId} and run_id = ${runId}`)

      const runSegments = rows(RunSegment)
      const slice: SegmentsRepo["Service"]["slice"] = (tenantId, runId, start, end) =>
        runSegments(
          sql`select s.id, rs.ordinal, s.text, s.heading_path, s.text_hash, s.language, s.keywords, s.version, s.enabled,
            s.searched, s.index_state, s.going_out,
            exists (select 1 from segment_changes c join runs r on r.tenant_id = c.tenant_id and r.id = rs.run_id
              where c.tenant_id = rs.tenant_id and c.document_id = rs.document_id and c.original_id = rs.segment_id
                and ${isKept(sql)}) as replaced
          from run_segments rs join segments s on s.tenant_id = rs.tenant_id and s.id = rs.segment_id
          where rs.tenant_id = ${tenantId} and rs.run_id = ${runId} and rs.ordinal >= ${start} and rs.ordinal < ${end}
          order by rs.ordinal`
        )

      const totalRow = oneRow(Schema.Struct({ segments: Schema.Int, tokens: Schema.Int }))
      const totals: SegmentsRepo["Service"]["totals"] = (tenantId, runId) =>
        totalRow(sql`select count(*)::int as segments, coalesce(sum(s.tokens), 0)::int as tokens
          from run_segments rs join segments s on s.tenant_id = rs.tenant_id and s.id = rs.segment_id
          where rs.tenant_id = ${tenantId} and rs.run_id = ${runId}`)

      const markIndexed: SegmentsRepo["Service"]["markIndexed"] = (tenantId, segmentIds) =>
        done(sql`update segments set index_state = 'in_sync'
          where tenant_id = ${tenantId} and id = any(${[...segmentIds]}::uuid[]) and index_state <> 'in_sync'`)

      // What readers see: the version that its document has published, and nothing that is on its way out.
      const published = (caller: Caller) =>
        sql`run_segments rs
          join documents d on d.tenant_id = rs.tenant_id and d.id = rs.document_id and d.published_run_id = rs.run_id
          join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
          join segments s on s.tenant_id = rs.tenant_id and s.id = rs.segment_id
          where rs.tenant_id = ${caller.tenantId} and not d.deleting and ${visibleDatasets(sql, caller)}`
      const columns = sql`s.id, s.document_id, s.dataset_id, rs.ordinal, s.text, s.heading_path, s.tokens, s.language,
        s.enabled, s.index_state, s.index_cause, rs.boxes, rs.assets, s.version, s.keywords, s.origin, s.parent_id,
        s.searched, s.fields, (select count(*)::int from segments k join run_segments kr on kr.tenant_id = k.tenant_id and kr.segment_id = k.id
          and kr.run_id = rs.run_id where k.tenant_id = s.tenant_id and k.parent_id = s.id) as children`

      const list: SegmentsRepo["Service"]["list"] = makeSegmentList(sql, { columns, published })

      const one = maybeRow(Segment)
      const find: SegmentsRepo["Service"]["find"] = (caller, documentId, segmentId) =>
        one(sql`select ${columns} from ${published(caller)} and rs.document_id = ${documentId}
          and rs.segment_id = ${segmentId}`)

      const readableRows = rows(Readable)
      const readable: SegmentsRepo["Service"]["readable"] = (caller, segmentIds) =>
        segmentIds.length === 0 ? Effect.succeed([]) : readableRows(sql`
          select s.id as segment_id, d.id as document_id, d.dataset_id, d.name as document_name, d.metadata || s.fields as metadata, s.text,
            s.heading_path, s.language, rs.boxes,
            (select p.id from segments p where p.tenant_id = s.tenant_id and p.id = s.parent_id and not p.searched) as is_one_of,
            (select jsonb_build_object('segmentId', p.id, 'text', p.text) from segments p
              join run_segments pr on pr.tenant_id = p.tenant_id and pr.segment_id = p.id and pr.run_id = rs.run_id
              where p.tenant_id = s.tenant_id and p.id = s.parent_id and p.enabled) as parent
          from ${published(caller)} and d.enabled and not d.archived and s.enabled and s.searched
            and not exists (select 1 from segments p
              where p.tenant_id = s.tenant_id and p.id = s.parent_id and not p.searched and not p.enabled)
            and rs.segment_id = any(${[...segmentIds]}::uuid[])`)

      const ids = rows(Schema.Struct({ id: SegmentId }))
      const withChildren: SegmentsRepo["Service"]["withChildren"] = (tenantId, runId, segmentIds) =>
        Effect.map(
          ids(sql`select k.id from unnest(${[...segmentIds]}::uuid[]) as x(id)
            join segments p on p.tenant_id = ${tenantId} and p.id = x.id and not p.searched
            join segments k on k.tenant_id = p.tenant_id and k.parent_id = p.id
            join run_segments rs on rs.tenant_id = k.tenant_id and rs.segment_id = k.id and rs.run_id = ${runId}`),
          (children) => [...segmentIds, ...children.map(({ id }) => id)]
        )

      const unheld = sql`not exists (select 1 from run_segments rs
        where rs.tenant_id = segments.tenant_id and rs.segment_id = segments.id)`
      const sendOut: SegmentsRepo["Service"]["sendOut"] = (tenantId, documentId, limit) =>
        Effect.map(
          ids(sql`update segments set going_out = true where tenant_id = ${tenantId} and id = any(array(
            select id from segments where tenant_id = ${tenantId} and document_id = ${documentId}
              and (going_out or ${unheld}) limit ${limit})) returning id`),
          (found) => found.length
        )

      const remove: SegmentsRepo["Service"]["remove"] = Effect.fn("SegmentsRepo.remove")(
        function*(tenantId, segmentIds) {
          const these = sql`tenant_id = ${tenantId} and id = any(${[...segmentIds]}::uuid[])`
          yield* done(sql`update segments set going_out = false, index_cause = null, index_state = case
              when enabled and searched and exists (select 1 from documents d where d.tenant_id = segments.tenant_id
                and d.id = segments.document_id and d.enabled and not d.archived) then 'pending' else 'in_sync' end
            where ${these} and not (${unheld})`)
          const going = sql`${these} and going_out`
          yield* vectorLock(sql, tenantId, "alone")
          yield* done(
            sql`delete from vectors v using (select distinct text_hash from segments where ${going}) g, spaces sp
          where sp.tenant_id = ${tenantId} and v.tenant_id = ${tenantId} and v.space_id = sp.id and v.text_hash = g.text_hash
            and not exists (select 1 from segments s where s.tenant_id = ${tenantId} and s.text_hash = v.text_hash
              and not (s.id = any(${[...segmentIds]}::uuid[]) and s.going_out))`
          )
          // Children that are on another page go without their parent.
          yield* done(sql`update segments set parent_id = null where tenant_id = ${tenantId} and parent_id = any(array(
            select id from segments where ${going}))`)
          yield* done(keepHidden(sql, going))
          yield* done(sql`delete from segments where ${going}`)
        }
      )

      return SegmentsRepo.of({
        add,
        clear,
        slice,
        totals,
        markIndexed,
        list,
        find,
        readable,
        withChildren,
        sendOut,
        remove
      })
    })
  )
}
