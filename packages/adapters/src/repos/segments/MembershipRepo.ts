import { Box } from "@sheaf/domain/documents/Element"
import { Metadata } from "@sheaf/domain/documents/Metadata"
import { Actor } from "@sheaf/domain/edge/Caller"
import {
  type DatasetId,
  type DocumentId,
  type RunId,
  SegmentChangeId,
  SegmentId,
  type TenantId
} from "@sheaf/domain/ids"
import { SegmentOrigin } from "@sheaf/domain/segments/Segment"
import { SegmentChangeKind } from "@sheaf/domain/segments/SegmentChange"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SegmentKind } from "../../text/segmentIdentity.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

/** A segment of a version, and what was done to it by hand so far. */
const Member = Schema.Struct({
  id: SegmentId,
  ordinal: Schema.Finite,
  boxes: Schema.Array(Box),
  version: Schema.Int,
  tokens: Schema.Int,
  enabled: Schema.Boolean,
  keywords: Schema.Array(Schema.String),
  origin: SegmentOrigin,
  parentId: Schema.NullOr(SegmentId),
  searched: Schema.Boolean,
  cutParentId: Schema.NullOr(SegmentId),
  key: Schema.NullOr(Schema.String),
  fields: Metadata,
  /** The change that put it there; `null` where it was cut from the document. */
  change: Schema.NullOr(Schema.Struct({
    id: SegmentChangeId,
    kind: SegmentChangeKind,
    originalId: Schema.NullOr(SegmentId),
    afterId: Schema.NullOr(SegmentId)
  }))
})
export type Member = typeof Member.Type

/** A segment that is made by hand. */
export interface HandMade {
  readonly id: SegmentId
  readonly text: string
  readonly headingPath: ReadonlyArray<string>
  readonly textHash: string
  readonly tokens: number
  readonly language: string
  readonly spaceId: string
  readonly origin: SegmentOrigin
  readonly parentId: SegmentId | null
  readonly keywords: ReadonlyArray<string>
  readonly enabled: boolean
  readonly version: number
  readonly actor: Actor
  /** What an edit leaves as it is. */
  readonly kind: SegmentKind
}

/** A version, as those who change it by hand see it. */
interface Version {
  readonly documentId: DocumentId
  readonly runId: RunId
}

/** Segments on both sides of a place that are moved a little when there is no room between two. */
const neighbourhood = 200

/** Which segments make up a version, one by one. Everything is part of a transaction that holds the document's lock. */
export class MembershipRepo extends Context.Service<MembershipRepo, {
  /** Of these, those that the version has, in reading order. */
  readonly members: (
    tenantId: TenantId,
    runId: RunId,
    segmentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlyArray<Member>>
  /** The children that the version has of these. */
  readonly children: (
    tenantId: TenantId,
    runId: RunId,
    parentIds: ReadonlyArray<SegmentId>
  ) => Effect.Effect<ReadonlyArray<SegmentId>>
  /** The last member of the version, or of a segment and its children. */
  readonly last: (tenantId: TenantId, runId: RunId, of?: SegmentId) => Effect.Effect<Option.Option<SegmentId>>
  /** An ordinal directly after a member, or before all of them. */
  readonly roomAfter: (tenantId: TenantId, runId: RunId, after: SegmentId | null) => Effect.Effect<number>
  /** Puts a segment that is made by hand into the table. One that was there before is the same, with these flags. */
  readonly make: (
    tenantId: TenantId,
    owner: { readonly datasetId: DatasetId; readonly documentId: DocumentId },
    segment: HandMade
  ) => Effect.Effect<void>
  readonly place: (tenantId: TenantId, version: Version, place: {
    readonly segmentId: SegmentId
    readonly ordinal: number
    readonly boxes: ReadonlyArray<Box>
  }) => Effect.Effect<void>
  /** In the place of `from` stands `to`, also for its children. */
  readonly swap: (tenantId: TenantId, runId: RunId, from: SegmentId, to: SegmentId) => Effect.Effect<void>
  readonly take: (tenantId: TenantId, runId: RunId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<void>
  /** The version holds these no more, or something about them has changed: the index has to follow. */
  readonly owe: (tenantId: TenantId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<void>
  readonly setKeywords: (
    tenantId: TenantId,
    segmentId: SegmentId,
    keywords: ReadonlyArray<string>,
    actor: Actor
  ) => Effect.Effect<void>
  /** The generation that the index has to reach to know what was changed before. */
  readonly generation: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<number>
  /** What the document counts of its published version. */
  readonly count: (
    tenantId: TenantId,
    documentId: DocumentId,
    delta: { readonly segments: number; readonly tokens: number }
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/segments/MembershipRepo") {
  static readonly layer = Layer.effect(
    MembershipRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const ofRun = (tenantId: TenantId, runId: RunId) => sql`rs.tenant_id = ${tenantId} and rs.run_id = ${runId}`

      /** The members of a version among the ids `x(id)`, looked up one by one: whatever the statistics say, that is one index. */
      const memberOf = (tenantId: TenantId, runId: RunId) =>
        sql`join lateral (select * from run_segments where tenant_id = ${tenantId} and segment_id = x.id offset 0) rs
          on rs.run_id = ${runId}`

      const memberRows = rows(Member)
      const members: MembershipRepo["Service"]["members"] = (tenantId, runId, segmentIds) =>
        segmentIds.length === 0 ? Effect.succeed([]) : memberRows(sql`
          select s.id, rs.ordinal, rs.boxes, s.version, s.tokens, s.enabled, s.keywords, s.origin, s.parent_id, s.searched,
            s.cut_parent_id, s.key, s.fields,
            (select jsonb_build_object('id', c.id, 'kind', c.kind, 'originalId', c.original_id, 'afterId', c.after_id)
              from segment_changes c where c.tenant_id = s.tenant_id and c.segment_id = s.id) as change
          from (select distinct id from unnest(${[...segmentIds]}::uuid[]) as given(id)) x
          ${memberOf(tenantId, runId)}
          cross join lateral (select * from segments where tenant_id = ${tenantId} and id = x.id offset 0) s
          order by rs.ordinal`)

      const ids = rows(Schema.Struct({ id: SegmentId }))
      const children: MembershipRepo["Service"]["children"] = (tenantId, runId, parentIds) =>
        Effect.map(
          ids(sql`select x.id from unnest(${[...parentIds]}::uuid[]) as p(id)
            cross join lateral (select s.id from segments s
              where s.parent_id = p.id and s.tenant_id = ${tenantId} offset 0) x
            ${memberOf(tenantId, runId)}`),
          (found) => found.map(({ id }) => id)
        )

      const lastRow = maybeRow(Schema.Struct({ id: SegmentId }))
      const last: MembershipRepo["Service"]["last"] = (tenantId, runId, of) =>
        Effect.map(
          lastRow(
            of === undefined
              ? sql`select rs.segment_id as id from run_segments rs where rs.tenant_id = ${tenantId} and rs.run_id = ${runId}
                  order by rs.ordinal desc limit 1`
              : sql`select x.id from (select ${of}::uuid as id union all
                    select s.id from segments s where s.parent_id = ${of} and s.tenant_id = ${tenantId}) x
                  ${memberOf(tenantId, runId)} order by rs.ordinal desc limit 1`
          ),
          Option.map(({ id }) => id)
        )

      const gap = oneRow(Schema.Struct({ before: Schema.NullOr(Schema.Finite), next: Schema.NullOr(Schema.Finite) }))
      const findGap = (tenantId: TenantId, runId: RunId, after: SegmentId | null) =>
        gap(sql`with place as (select ${
          after === null ? sql`null::float8` : sql`(select rs.ordinal from run_segments rs
            where ${ofRun(tenantId, runId)} and rs.segment_id = ${after})`
        } as before)
          select place.before, (select rs.ordinal from run_segments rs where ${ofRun(tenantId, runId)}
            and (place.before is null or rs.ordinal > place.before) order by rs.ordinal limit 1) as next from place`)

      /** The members around a place are put at equal distances, so that there is room between them. They are taken out before. */
      const spread = (tenantId: TenantId, runId: RunId, at: number) => {
        const near = sql`rs.segment_id = any(array(
            (select n.segment_id from run_segments n where n.tenant_id = ${tenantId} and n.run_id = ${runId}
              and n.ordinal <= ${at}::float8 order by n.ordinal desc limit ${neighbourhood})
            union all
            (select n.segment_id from run_segments n where n.tenant_id = ${tenantId} and n.run_id = ${runId}
              and n.ordinal > ${at}::float8 order by n.ordinal limit ${neighbourhood})))`
        return done(sql`
          with gone as (
            delete from run_segments rs where ${ofRun(tenantId, runId)} and ${near} returning *
          ), ranked as (
            select gone.*, row_number() over (order by ordinal) - 1 as rank, count(*) over () as total,
              min(ordinal) over () as low, max(ordinal) over () as high
            from gone
          )
          insert into run_segments (tenant_id, document_id, run_id, ordinal, segment_id, boxes, assets)
          select tenant_id, document_id, run_id, low + (high - low) * rank / greatest(total - 1, 1), segment_id, boxes, assets
          from ranked`)
      }

      const roomAfter: MembershipRepo["Service"]["roomAfter"] = Effect.fn("MembershipRepo.roomAfter")(
        function*(tenantId, runId, after) {
          const room = between(yield* findGap(tenantId, runId, after))
          if (Option.isSome(room.ordinal)) return room.ordinal.value
          yield* spread(tenantId, runId, room.at)
          const wider = between(yield* findGap(tenantId, runId, after))
          return yield* Effect.orDie(Effect.fromOption(wider.ordinal))
        }
      )

      const make: MembershipRepo["Service"]["make"] = Effect.fn("MembershipRepo.make")(
        function*(tenantId, { datasetId, documentId }, segment) {
          yield* done(
            sql`insert into segments as s (tenant_id, dataset_id, document_id, id, space_id, text, heading_path, text_hash, tokens,
            language, enabled, keywords, origin, parent_id, version, searched, cut_parent_id, key, fields, updated_by)
          values (${tenantId}, ${datasetId}, ${documentId}, ${segment.id}, ${segment.spaceId}, ${segment.text},
            ${[...segment.headingPath]}::text[], ${segment.textHash}, ${segment.tokens}, ${segment.language},
            ${segment.enabled}, ${[...segment.keywords]}::text[], ${segment.origin}, ${segment.parentId}::uuid,
            ${segment.version}, ${segment.kind.searched ?? true}, ${segment.kind.cutParentId ?? null}::uuid,
            ${segment.kind.key ?? null}, ${json(segment.kind.fields ?? {})}::jsonb, ${
              json(yield* encodeActor(segment.actor))
            }::jsonb)
          on conflict (tenant_id, id) do update set enabled = excluded.enabled, keywords = excluded.keywords,
            origin = excluded.origin, parent_id = excluded.parent_id, updated_by = excluded.updated_by, updated_at = now(),
            version = greatest(s.version + 1, excluded.version), index_state = 'pending', index_cause = null`
          )
        }
      )

      const place: MembershipRepo["Service"]["place"] = (
        tenantId,
        { documentId, runId },
        { boxes, ordinal, segmentId }
      ) =>
        done(sql`insert into run_segments (tenant_id, document_id, run_id, ordinal, segment_id, boxes)
          values (${tenantId}, ${documentId}, ${runId}, ${ordinal}::float8, ${segmentId}, ${json(boxes)}::jsonb)`)

      const swap: MembershipRepo["Service"]["swap"] = (tenantId, runId, from, to) =>
        Effect.andThen(
          done(sql`update run_segments set segment_id = ${to}
            where tenant_id = ${tenantId} and run_id = ${runId} and segment_id = ${from}`),
          done(sql`update segments set parent_id = ${to} where tenant_id = ${tenantId} and parent_id = ${from}`)
        )

      const take: MembershipRepo["Service"]["take"] = (tenantId, runId, segmentIds) =>
        done(sql`delete from run_segments rs using unnest(${[...segmentIds]}::uuid[]) as x(id)
          where rs.tenant_id = ${tenantId} and rs.run_id = ${runId} and rs.segment_id = x.id`)

      const owe: MembershipRepo["Service"]["owe"] = (tenantId, segmentIds) =>
        done(sql`update segments set index_state = 'pending', index_cause = null, version = version + 1
          where tenant_id = ${tenantId} and id = any(${[...segmentIds]}::uuid[])`)

      const setKeywords: MembershipRepo["Service"]["setKeywords"] = Effect.fn("MembershipRepo.setKeywords")(
        function*(tenantId, segmentId, keywords, actor) {
          yield* done(sql`update segments set keywords = ${[...keywords]}::text[], version = version + 1,
              index_state = 'pending', index_cause = null, updated_at = now(),
              updated_by = ${json(yield* encodeActor(actor))}::jsonb
            where tenant_id = ${tenantId} and id = ${segmentId}`)
        }
      )

      const count: MembershipRepo["Service"]["count"] = (tenantId, documentId, { segments, tokens }) =>
        done(sql`update documents set segments = segments + ${segments}, tokens = tokens + ${tokens}
          where tenant_id = ${tenantId} and id = ${documentId}`)

      const generations = oneRow(Schema.Struct({ generation: Schema.Int }))
      const generation: MembershipRepo["Service"]["generation"] = (tenantId, documentId) =>
        Effect.map(
          generations(sql`select generation from documents where tenant_id = ${tenantId} and id = ${documentId}`),
          (row) => row.generation
        )

      return MembershipRepo.of({
        members,
        children,
        last,
        roomAfter,
        make,
        place,
        swap,
        take,
        owe,
        setKeywords,
        generation,
        count
      })
    })
  )
}

const encodeActor = (actor: Actor) => Effect.orDie(Schema.encodeEffect(Actor)(actor))

/** A number between two, or beyond the outermost; `None` where the numbers are too close. `at`: where that is. */
const between = ({ before, next }: { readonly before: number | null; readonly next: number | null }) => {
  if (next === null) return { ordinal: Option.some(before === null ? 0 : Math.floor(before) + 1), at: before ?? 0 }
  if (before === null) return { ordinal: Option.some(Math.ceil(next) - 1), at: next }
  const middle = before + (next - before) / 2
  return { ordinal: middle > before && middle < next ? Option.some(middle) : Option.none(), at: before }
}
