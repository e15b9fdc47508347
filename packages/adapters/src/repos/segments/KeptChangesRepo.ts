import { type DocumentId, type RunId, SegmentChangeId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { type EditConflict, SegmentChangeKind } from "@sheaf/domain/segments/SegmentChange"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, json, rows } from "../rows.ts"
import { isKept } from "./isKept.ts"

/** A change by hand as the run sees it that publishes the next version. */
const Pending = Schema.Struct({
  id: SegmentChangeId,
  kind: SegmentChangeKind,
  originalId: Schema.NullOr(SegmentId),
  segmentId: Schema.NullOr(SegmentId),
  afterId: Schema.NullOr(SegmentId),
  /** Of a child: the id under which its parent was cut or added. */
  parentId: Schema.NullOr(SegmentId),
  place: Schema.Finite,
  tokens: Schema.Int,
  /** In no version: the change holds its segment itself. */
  parked: Schema.Boolean,
  /** The run does it again; else it forgets it. */
  kept: Schema.Boolean,
  excerpt: Schema.String
})
export type PendingChange = typeof Pending.Type

interface OfRun {
  readonly documentId: DocumentId
  readonly runId: RunId
}

/** A segment that was added by hand, in the version that is published. */
export interface Placed {
  readonly segmentId: SegmentId
  readonly ordinal: number
  readonly parentId: SegmentId | null
}

/** Rows read or written in one statement. */
const page = 2_000

/**
 * What the publication of a run makes of the changes by hand, in one transaction that holds the document's lock. The run's own segments
 * are what it has cut; from then on they are its version.
 */
export class KeptChangesRepo extends Context.Service<KeptChangesRepo, {
  readonly pending: (tenantId: TenantId, run: OfRun) => Effect.Effect<ReadonlyArray<PendingChange>>
  /** Of these segments the ones that the run has cut, with their tokens. */
  readonly cut: (tenantId: TenantId, runId: RunId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<
    ReadonlyArray<{ readonly segmentId: SegmentId; readonly ordinal: number; readonly tokens: number }>
  >
  readonly forget: (tenantId: TenantId, changeIds: ReadonlyArray<SegmentChangeId>) => Effect.Effect<void>
  /** These are in no version from now on: the changes hold what their segments were. */
  readonly park: (tenantId: TenantId, parked: ReadonlyArray<PendingChange>) => Effect.Effect<void>
  /** Makes segments again of changes that hold them. */
  readonly unpark: (tenantId: TenantId, run: OfRun, changeIds: ReadonlyArray<SegmentChangeId>) => Effect.Effect<void>
  /** The document has the segments of these changes itself now; of some, it has the edited one too, which stays away. */
  readonly absorb: (
    tenantId: TenantId,
    changes: ReadonlyArray<{ readonly id: SegmentChangeId; readonly segmentId: SegmentId; readonly deletes: boolean }>
  ) => Effect.Effect<void>
  readonly swap: (
    tenantId: TenantId,
    runId: RunId,
    swaps: ReadonlyArray<{ readonly from: SegmentId; readonly to: SegmentId }>
  ) => Effect.Effect<void>
  readonly take: (tenantId: TenantId, runId: RunId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<void>
  readonly place: (tenantId: TenantId, run: OfRun, placed: ReadonlyArray<Placed>) => Effect.Effect<void>
  /** Children that were cut belong to what stands in the place of the parent that they were cut from. */
  readonly rejoin: (tenantId: TenantId, run: OfRun) => Effect.Effect<void>
  /** Which changes the version is without: they are tried again by the next run. The first of them are shown with the run. */
  readonly conflicts: (
    tenantId: TenantId,
    run: OfRun,
    changeIds: ReadonlyArray<SegmentChangeId>,
    shown: ReadonlyArray<EditConflict>
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/segments/KeptChangesRepo") {
  static readonly layer = Layer.effect(
    KeptChangesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const inPages = <A>(all: ReadonlyArray<A>, write: (some: ReadonlyArray<A>) => Effect.Effect<void>) =>
        Effect.forEach(pagesOf(all), write, { discard: true })

      const pendingRows = rows(Pending)
      const pending: KeptChangesRepo["Service"]["pending"] = Effect.fn("KeptChangesRepo.pending")(
        function*(tenantId, { documentId, runId }) {
          const all: Array<PendingChange> = []
          for (let after: SegmentChangeId | null = null;;) {
            const found: ReadonlyArray<PendingChange> = yield* pendingRows(sql`
              select c.id, c.kind, c.original_id, coalesce(c.segment_id, (c.parked->>'id')::uuid) as segment_id, c.after_id,
                coalesce((c.parked->>'parentId')::uuid, pc.original_id, s.parent_id) as parent_id,
                coalesce(old.ordinal, c.place, 0) as place, coalesce(s.tokens, (c.parked->>'tokens')::int, 0) as tokens,
                c.parked is not null as parked, ${isKept(sql)} as kept,
                left(coalesce(s.text, c.parked->>'text', ''), 120) as excerpt
              from segment_changes c
              join runs r on r.tenant_id = c.tenant_id and r.id = ${runId}
              join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id
              left join lateral (select * from segments where tenant_id = c.tenant_id and id = c.segment_id offset 0) s on true
              left join lateral (select original_id from segment_changes
                where segment_id = s.parent_id and tenant_id = c.tenant_id offset 0) pc on true
              left join lateral (select * from run_segments
                where tenant_id = c.tenant_id and segment_id = c.segment_id offset 0) old on old.run_id = d.published_run_id
              where c.tenant_id = ${tenantId} and c.document_id = ${documentId}
                ${after === null ? sql`` : sql`and c.id > ${after}::uuid`}
              order by c.id limit ${page}`)
            all.push(...found)
            if (found.length < page) return all
            after = found.at(-1)!.id
          }
        }
      )

      const cutRows = rows(Schema.Struct({ segmentId: SegmentId, ordinal: Schema.Finite, tokens: Schema.Int }))
      const cut: KeptChangesRepo["Service"]["cut"] = (tenantId, runId, segmentIds) =>
        Effect.map(
          // One by one: whatever the statistics say of new rows, that is an index.
          Effect.forEach(pagesOf(segmentIds), (some) =>
            cutRows(sql`select x.id as segment_id, rs.ordinal, s.tokens from unnest(${[...some]}::uuid[]) as x(id)
              join lateral (select * from run_segments where tenant_id = ${tenantId} and segment_id = x.id offset 0) rs
                on rs.run_id = ${runId}
              cross join lateral (select tokens from segments where tenant_id = ${tenantId} and id = x.id offset 0) s`)),
          (found) =>
            found.flat().sort((a, b) =>
              a.ordinal - b.ordinal
            )
        )

      const forget: KeptChangesRepo["Service"]["forget"] = (tenantId, changeIds) =>
        inPages(
          changeIds,
          (some) =>
            done(sql`delete from segment_changes where tenant_id = ${tenantId} and id = any(${[...some]}::uuid[])`)
        )

      const park: KeptChangesRepo["Service"]["park"] = (tenantId, parked) =>
        inPages(
          parked,
          (some) =>
            done(sql`update segment_changes c set segment_id = null, in_conflict = true, place = x.place,
              parked = jsonb_build_object('id', s.id, 'text', s.text, 'headingPath', to_jsonb(s.heading_path),
                'textHash', s.text_hash, 'tokens', s.tokens, 'language', s.language, 'spaceId', s.space_id,
                'keywords', to_jsonb(s.keywords), 'enabled', s.enabled, 'origin', s.origin, 'version', s.version,
                'parentId', x.parent_id, 'searched', s.searched, 'cutParentId', s.cut_parent_id, 'key', s.key, 'fields', s.fields)
            from jsonb_to_recordset(${
              json(some.map(({ id, parentId: parent_id, place }) => ({ id, parent_id, place })))
            }::jsonb)
              as x(id uuid, parent_id uuid, place float8), segments s
            where c.tenant_id = ${tenantId} and c.id = x.id and s.tenant_id = c.tenant_id and s.id = c.segment_id`)
        )

      const unpark: KeptChangesRepo["Service"]["unpark"] = (tenantId, { documentId }, changeIds) =>
        inPages(changeIds, (some) => {
          const these = sql`c.tenant_id = ${tenantId} and c.id = any(${[...some]}::uuid[]) and c.parked is not null`
          return Effect.andThen(
            done(
              sql`insert into segments as s (tenant_id, dataset_id, document_id, id, space_id, text, heading_path, text_hash,
                tokens, language, keywords, enabled, origin, version, searched, cut_parent_id, key, fields, updated_by)
              select d.tenant_id, d.dataset_id, d.id, x.id, x."spaceId", x.text,
                array(select jsonb_array_elements_text(x."headingPath")), x."textHash", x.tokens, x.language,
                array(select jsonb_array_elements_text(x.keywords)), x.enabled, x.origin, x.version + 1,
                coalesce(x.searched, true), x."cutParentId", x.key, coalesce(x.fields, '{}'), c.actor
              from segment_changes c
              join documents d on d.tenant_id = c.tenant_id and d.id = ${documentId}
              cross join lateral jsonb_to_record(c.parked) as x(id uuid, text text, "headingPath" jsonb, "textHash" text,
                tokens int, language text, "spaceId" text, keywords jsonb, enabled boolean, origin text, version int,
                searched boolean, "cutParentId" uuid, key text, fields jsonb)
              where ${these}
              on conflict (tenant_id, id) do update set index_state = 'pending', index_cause = null,
                keywords = excluded.keywords, enabled = excluded.enabled, origin = excluded.origin,
                version = greatest(s.version + 1, excluded.version)`
            ),
            done(
              sql`update segment_changes c set segment_id = (c.parked->>'id')::uuid, parked = null, in_conflict = false
              where ${these}`
            )
          )
        })

      const absorb: KeptChangesRepo["Service"]["absorb"] = (tenantId, changes) =>
        inPages(changes, (some) =>
          Effect.all([
            done(sql`update segments set origin = 'parsed', parent_id = null where tenant_id = ${tenantId}
              and id = any(${some.map(({ segmentId }) => segmentId)}::uuid[])`),
            done(sql`update segment_changes set kind = 'deleted', segment_id = null, parked = null, in_conflict = false
              where tenant_id = ${tenantId}
                and id = any(${some.filter(({ deletes }) => deletes).map(({ id }) => id)}::uuid[])`),
            forget(tenantId, some.filter(({ deletes }) => !deletes).map(({ id }) => id))
          ], { discard: true }))

      const swap: KeptChangesRepo["Service"]["swap"] = (tenantId, runId, swaps) =>
        inPages(swaps, (some) =>
          done(sql`update run_segments rs set segment_id = x.new
            from unnest(${some.map(({ from }) => from)}::uuid[], ${some.map(({ to }) => to)}::uuid[]) as x(old, new)
            where rs.tenant_id = ${tenantId} and rs.run_id = ${runId} and rs.segment_id = x.old`))

      const take: KeptChangesRepo["Service"]["take"] = (tenantId, runId, segmentIds) =>
        inPages(segmentIds, (some) =>
          done(sql`delete from run_segments rs using unnest(${[...some]}::uuid[]) as x(id)
            where rs.tenant_id = ${tenantId} and rs.run_id = ${runId} and rs.segment_id = x.id`))

      const place: KeptChangesRepo["Service"]["place"] = (tenantId, { documentId, runId }, placed) =>
        inPages(placed, (some) => {
          const values = some.map(({ ordinal, parentId: parent_id, segmentId: id }) => ({ id, ordinal, parent_id }))
          const given = sql`jsonb_to_recordset(${json(values)}::jsonb) as x(id uuid, ordinal float8, parent_id uuid)`
          return Effect.all([
            done(sql`insert into run_segments (tenant_id, document_id, run_id, ordinal, segment_id, boxes)
              select ${tenantId}::uuid, ${documentId}::uuid, ${runId}::uuid, x.ordinal, x.id,
                coalesce((select p.boxes from run_segments p where p.tenant_id = ${tenantId} and p.run_id = ${runId}
                  and p.segment_id = x.parent_id), '[]')
              from ${given}`),
            done(sql`update segments s set parent_id = x.parent_id from ${given}
              where s.tenant_id = ${tenantId} and s.id = x.id and s.parent_id is distinct from x.parent_id`),
            done(sql`update segment_changes c set place = x.ordinal from ${given}
              where c.tenant_id = ${tenantId} and c.document_id = ${documentId} and c.segment_id = x.id`)
          ], { discard: true })
        })

      const rejoin: KeptChangesRepo["Service"]["rejoin"] = (tenantId, { documentId, runId }) =>
        done(sql`update segments s set parent_id = x.parent_id
          from (
            select k.id, coalesce(
              (select p.segment_id from run_segments p
                where p.tenant_id = k.tenant_id and p.run_id = ${runId} and p.segment_id = k.cut_parent_id),
              (select p.segment_id from segment_changes c join run_segments p on p.tenant_id = c.tenant_id
                  and p.run_id = ${runId} and p.segment_id = c.segment_id
                where c.tenant_id = k.tenant_id and c.document_id = ${documentId} and c.original_id = k.cut_parent_id)
            ) as parent_id
            from run_segments rs join segments k on k.tenant_id = rs.tenant_id and k.id = rs.segment_id
            where rs.tenant_id = ${tenantId} and rs.run_id = ${runId} and k.cut_parent_id is not null
          ) x
          where s.tenant_id = ${tenantId} and s.id = x.id and s.parent_id is distinct from x.parent_id`)

      const conflicts: KeptChangesRepo["Service"]["conflicts"] = Effect.fn("KeptChangesRepo.conflicts")(
        function*(tenantId, { documentId, runId }, changeIds, shown) {
          yield* done(sql`update segment_changes c set in_conflict = now.conflict
            from (select id, x.given is not null as conflict from segment_changes
                left join unnest(${[...changeIds]}::uuid[]) as x(given) on x.given = id
              where tenant_id = ${tenantId} and document_id = ${documentId}) now
            where c.tenant_id = ${tenantId} and c.id = now.id and c.in_conflict <> now.conflict`)
          yield* done(
            sql`update runs set conflicts = ${json(shown)}::jsonb where tenant_id = ${tenantId} and id = ${runId}`
          )
        }
      )

      return KeptChangesRepo.of({ pending, cut, forget, park, unpark, absorb, swap, take, place, rejoin, conflicts })
    })
  )
}

const pagesOf = <A>(all: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / page) }, (_, at) => all.slice(at * page, (at + 1) * page))
