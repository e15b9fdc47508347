import { Actor } from "@sheaf/domain/edge/Caller"
import { type DocumentId, type PageCursor, SegmentChangeId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { SegmentChange } from "@sheaf/domain/segments/SegmentChange"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import type { By } from "../../lifecycle/By.ts"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"
import type { Member } from "./MembershipRepo.ts"

/**
 * What people did to the segments of documents by hand. A change whose `segment_id` is set is in the published version; one that is
 * parked is in none, and holds its segment itself. Changes are part of a transaction that holds the document's lock.
 */
export class SegmentChangesRepo extends Context.Service<SegmentChangesRepo, {
  readonly countOf: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<number>
  /** In place of a segment that was cut from the document stands another. */
  readonly edited: (by: By, documentId: DocumentId, change: {
    readonly originalId: SegmentId
    readonly segmentId: SegmentId
  }) => Effect.Effect<void>
  /** `afterId`: the nearest segment before it that was cut from the document. */
  readonly added: (by: By, documentId: DocumentId, change: {
    readonly segmentId: SegmentId
    readonly afterId: SegmentId | null
    readonly place: number
  }) => Effect.Effect<void>
  /** What a change has put there is replaced by something else. */
  readonly moved: (
    by: By,
    documentId: DocumentId,
    change: { readonly from: SegmentId; readonly to: SegmentId }
  ) => Effect.Effect<void>
  /** These members go: what was added is as if it had never been, what was cut from the document is remembered as deleted. */
  readonly deleted: (
    by: By,
    documentId: DocumentId,
    members: ReadonlyArray<Pick<Member, "id" | "change">>
  ) => Effect.Effect<void>
  /** What was edited is again as it was cut. */
  readonly undone: (tenantId: TenantId, documentId: DocumentId, originalId: SegmentId) => Effect.Effect<void>
  /** What stands where this one stood, and its version; `None` if nothing does. */
  readonly successor: (tenantId: TenantId, documentId: DocumentId, segmentId: SegmentId) => Effect.Effect<
    Option.Option<{ readonly id: SegmentId; readonly version: number }>
  >
  /** Of these ids the ones that no new segment may have: of the published version, or of a change. */
  readonly taken: (tenantId: TenantId, documentId: DocumentId, segmentIds: ReadonlyArray<SegmentId>) => Effect.Effect<
    ReadonlySet<SegmentId>
  >
  readonly list: (
    tenantId: TenantId,
    options: PageOptions & { readonly documentId: DocumentId; readonly conflict?: boolean }
  ) => Effect.Effect<Option.Option<{ readonly items: ReadonlyArray<SegmentChange>; readonly next?: PageCursor }>>
  /** Forgets those that are in conflict. Answers which of these were. */
  readonly forget: (
    tenantId: TenantId,
    documentId: DocumentId,
    changeIds: ReadonlyArray<SegmentChangeId>
  ) => Effect.Effect<ReadonlyArray<SegmentChangeId>>
}>()("@sheaf/adapters/repos/segments/SegmentChangesRepo") {
  static readonly layer = Layer.effect(
    SegmentChangesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const of = (tenantId: TenantId, documentId: DocumentId) =>
        sql`c.tenant_id = ${tenantId} and c.document_id = ${documentId}`

      const counts = oneRow(Schema.Struct({ count: Schema.Int }))
      const countOf: SegmentChangesRepo["Service"]["countOf"] = (tenantId, documentId) =>
        Effect.map(
          counts(sql`select count(*)::int as count from segment_changes c where ${of(tenantId, documentId)}`),
          ({ count }) => count
        )

      /** The newest version is without it. */
      const inConflict = sql`c.in_conflict`

      const insert = Effect.fnUntraced(function*(by: By, documentId: DocumentId, change: {
        readonly kind: "edited" | "added"
        readonly originalId: SegmentId | null
        readonly segmentId: SegmentId
        readonly afterId: SegmentId | null
        readonly place: number | null
        readonly former: ReadonlyArray<SegmentId>
      }) {
        const id = yield* newId(SegmentChangeId)
        yield* done(sql`insert into segment_changes
            (tenant_id, document_id, id, kind, original_id, segment_id, after_id, place, former, actor, updated_at)
          values (${by.tenantId}, ${documentId}, ${id}, ${change.kind}, ${change.originalId}::uuid, ${change.segmentId},
            ${change.afterId}::uuid, ${change.place}::float8, ${[...change.former]}::uuid[], ${
          json(yield* encodeActor(by.actor))
        }::jsonb,
            clock_timestamp())`)
      })

      const edited: SegmentChangesRepo["Service"]["edited"] = (by, documentId, { originalId, segmentId }) =>
        insert(by, documentId, {
          kind: "edited",
          originalId,
          segmentId,
          afterId: null,
          place: null,
          former: [originalId]
        })

      const added: SegmentChangesRepo["Service"]["added"] = (by, documentId, change) =>
        insert(by, documentId, { ...change, kind: "added", originalId: null, former: [] })

      // So many editors are told that they are too late; those who are further behind find nothing.
      const moved: SegmentChangesRepo["Service"]["moved"] = Effect.fn("SegmentChangesRepo.moved")(
        function*({ actor, tenantId }, documentId, { from, to }) {
          yield* done(
            sql`update segment_changes c set segment_id = ${to}, actor = ${json(yield* encodeActor(actor))}::jsonb,
              updated_at = clock_timestamp(),
              former = (c.former || ${from}::uuid)[greatest(1, cardinality(c.former) - 30):]
            where ${of(tenantId, documentId)} and c.segment_id = ${from}`
          )
        }
      )

      const deleted: SegmentChangesRepo["Service"]["deleted"] = Effect.fn("SegmentChangesRepo.deleted")(
        function*(by, documentId, members) {
          const { tenantId } = by
          const actor = json(yield* encodeActor(by.actor))
          const ofKind = (kind: "edited" | "added") =>
            sql`${of(tenantId, documentId)} and c.kind = ${kind}
              and c.id = any(${members.flatMap(({ change }) => change?.kind === kind ? [change.id] : [])}::uuid[])`
          yield* done(sql`delete from segment_changes c where ${ofKind("added")}`)
          yield* done(sql`update segment_changes c set kind = 'deleted', segment_id = null, actor = ${actor}::jsonb,
            updated_at = clock_timestamp() where ${ofKind("edited")}`)
          const cut = yield* Effect.forEach(
            members.filter(({ change }) => change === null),
            ({ id }) => Effect.map(newId(SegmentChangeId), (changeId) => ({ changeId, id }))
          )
          yield* done(sql`insert into segment_changes (tenant_id, document_id, id, kind, original_id, actor, updated_at)
            select ${tenantId}::uuid, ${documentId}::uuid, x.change_id, 'deleted', x.original_id, ${actor}::jsonb,
              clock_timestamp()
            from unnest(${cut.map(({ changeId }) => changeId)}::uuid[], ${cut.map(({ id }) => id)}::uuid[])
              as x(change_id, original_id)`)
        }
      )

      const undone: SegmentChangesRepo["Service"]["undone"] = (tenantId, documentId, originalId) =>
        done(sql`delete from segment_changes c where ${of(tenantId, documentId)} and c.original_id = ${originalId}`)

      const standing = maybeRow(Schema.Struct({ id: SegmentId, version: Schema.Int }))
      const successor: SegmentChangesRepo["Service"]["successor"] = (tenantId, documentId, segmentId) =>
        standing(sql`select s.id, s.version from segment_changes c
          join segments s on s.tenant_id = c.tenant_id and s.id = c.segment_id
          where ${of(tenantId, documentId)} and c.former @> array[${segmentId}::uuid] limit 1`)

      const ids = rows(Schema.Struct({ id: SegmentId }))
      const taken: SegmentChangesRepo["Service"]["taken"] = (tenantId, documentId, segmentIds) =>
        Effect.map(
          ids(sql`select x.id from unnest(${[...segmentIds]}::uuid[]) as x(id)
            where exists (select 1 from run_segments rs join documents d on d.tenant_id = rs.tenant_id
                and d.id = rs.document_id and d.published_run_id = rs.run_id
                where rs.tenant_id = ${tenantId} and rs.segment_id = x.id)
              or exists (select 1 from segment_changes c where ${of(tenantId, documentId)}
                and (c.original_id = x.id or c.segment_id = x.id or c.parked->>'id' = x.id::text))`),
          (found) => new Set(found.map(({ id }) => id))
        )

      const Position = Schema.Tuple([SegmentChangeId])
      const changes = rows(SegmentChangeRow)
      const list: SegmentChangesRepo["Service"]["list"] = Effect.fn("SegmentChangesRepo.list")(
        function*(tenantId, { conflict, documentId, limit = 50, ...options }) {
          const after = decodeCursor(Position, options.cursor)
          if (Option.isNone(after)) return Option.none()
          const found = yield* changes(sql`select c.id, c.document_id, c.kind, c.original_id, c.segment_id,
              ${inConflict} as conflict, coalesce(s.text, c.parked->>'text') as text,
              coalesce(to_jsonb(s.heading_path), c.parked->'headingPath', '[]') as heading_path, c.actor, c.updated_at
            from segment_changes c left join segments s on s.tenant_id = c.tenant_id and s.id = c.segment_id
            where ${of(tenantId, documentId)} ${conflict === undefined ? sql`` : sql`and ${inConflict} = ${conflict}`}
              ${after.value === undefined ? sql`` : sql`and c.id > ${after.value[0]}::uuid`}
            order by c.id limit ${limit + 1}`)
          const items = found.slice(0, limit).map((row) => new SegmentChange(row))
          const last = items.at(-1)
          return Option.some({
            items,
            ...(found.length > limit && last !== undefined && { next: encodeCursor(Position, [last.id]) })
          })
        }
      )

      const changeIdsOf = rows(Schema.Struct({ id: SegmentChangeId }))
      const forget: SegmentChangesRepo["Service"]["forget"] = (tenantId, documentId, changeIds) =>
        Effect.map(
          changeIdsOf(sql`delete from segment_changes c where ${of(tenantId, documentId)}
            and c.id = any(${[...changeIds]}::uuid[]) and ${inConflict} returning c.id`),
          (gone) => gone.map(({ id }) => id)
        )

      return SegmentChangesRepo.of({
        countOf,
        edited,
        added,
        moved,
        deleted,
        undone,
        successor,
        taken,
        list,
        forget
      })
    })
  )
}

const SegmentChangeRow = Schema.Struct({ ...SegmentChange.fields, updatedAt: Schema.Date })

const encodeActor = (actor: Actor) => Effect.orDie(Schema.encodeEffect(Actor)(actor))
