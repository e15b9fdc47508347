import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, type PageCursor, SpaceChangeId, SpaceId, type TenantId } from "@sheaf/domain/ids"
import type { Dependency } from "@sheaf/domain/runs/Run"
import { Space } from "@sheaf/domain/spaces/Space"
import { SpaceChange, type SpaceChangeCause, SpaceChangeState } from "@sheaf/domain/spaces/SpaceChange"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, json, maybeRow, rows } from "../rows.ts"

/** A place in the order of a dataset's documents and their segments; `null` for all segments of that document. */
export const ChangePosition = Schema.Struct({
  createdAt: Schema.String,
  documentId: Schema.String,
  segmentId: Schema.NullOr(Schema.String)
})
export type ChangePosition = typeof ChangePosition.Type

/** How a change stands, for who works on it. */
const ChangeRow = Schema.Struct({
  id: SpaceChangeId,
  datasetId: DatasetId,
  from: Space,
  to: Space,
  state: SpaceChangeState,
  paused: Schema.Boolean,
  step: Schema.Int,
  position: Schema.NullOr(ChangePosition),
  hasBegun: Schema.Boolean,
  isCleared: Schema.Boolean,
  segments: Schema.Int
})
export type ChangeRow = typeof ChangeRow.Type

/** What a page of work adds. */
export interface ChangeProgress {
  readonly position: ChangePosition
  readonly documents: number
  readonly segments: number
}

const View = Schema.Struct({
  ...SpaceChange.fields,
  createdAt: Schema.Date,
  endedAt: Schema.NullOr(Schema.Date),
  clearedAt: Schema.NullOr(Schema.Date)
})

/** Moves of datasets to other spaces. All but the reads are part of the caller's transaction. */
export class SpaceChangesRepo extends Context.Service<SpaceChangesRepo, {
  readonly find: (caller: Caller, changeId: SpaceChangeId) => Effect.Effect<Option.Option<SpaceChange>>
  /** `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: PageOptions & { readonly datasetId: DatasetId }) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<SpaceChange>; readonly next?: PageCursor }>
  >
  /** Holds the row of a dataset against everybody who writes for it; its space. `None` when it is gone or on its way out. */
  readonly lockDataset: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<Option.Option<SpaceId>>
  /** The change of a dataset that has not been cleared up yet; `open` locks it. */
  readonly peek: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<Option.Option<ChangeRow>>
  readonly open: (tenantId: TenantId, datasetId: DatasetId) => Effect.Effect<Option.Option<ChangeRow>>
  readonly get: (tenantId: TenantId, changeId: SpaceChangeId) => Effect.Effect<Option.Option<ChangeRow>>
  readonly lock: (tenantId: TenantId, changeId: SpaceChangeId) => Effect.Effect<Option.Option<ChangeRow>>
  readonly insert: (tenantId: TenantId, change: {
    readonly datasetId: DatasetId
    readonly from: SpaceId
    readonly to: Space
    readonly actor: Actor
  }) => Effect.Effect<SpaceChangeId>
  /** Another step, if it is still in this one: jobs of the steps before are void. */
  readonly advance: (
    tenantId: TenantId,
    change: Pick<ChangeRow, "id" | "step">,
    next: {
      readonly state?: SpaceChangeState
      readonly paused?: boolean
      readonly cause?: SpaceChangeCause
      /** Whether it begins at the first document. */
      readonly fromTheStart?: boolean
    }
  ) => Effect.Effect<void>
  /** From now on index writes go to both spaces; under the dataset's lock. */
  readonly begin: (tenantId: TenantId, changeId: SpaceChangeId) => Effect.Effect<void>
  readonly record: (
    tenantId: TenantId,
    changeId: SpaceChangeId,
    kind: "built" | "verified",
    progress: ChangeProgress
  ) => Effect.Effect<void>
  readonly setWaiting: (
    tenantId: TenantId,
    changeId: SpaceChangeId,
    dependency: Dependency | null
  ) => Effect.Effect<void>
  /** The one update that readers see. */
  readonly switchDataset: (tenantId: TenantId, change: Pick<ChangeRow, "datasetId" | "to">) => Effect.Effect<void>
  /** Vectors add up; entries are said before they are removed, and found again after a crash they are the same. */
  readonly recordRemoved: (
    tenantId: TenantId,
    changeId: SpaceChangeId,
    removed: NonNullable<SpaceChange["removed"]>,
    position: ChangePosition | null
  ) => Effect.Effect<void>
  /** Nothing is left of the space that is not used. */
  readonly clear: (tenantId: TenantId, changeId: SpaceChangeId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/spaces/SpaceChangesRepo") {
  static readonly layer = Layer.effect(
    SpaceChangesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const from = sql`space_changes ch
        join spaces f on f.tenant_id = ch.tenant_id and f.id = ch.from_space_id
        join spaces t on t.tenant_id = ch.tenant_id and t.id = ch.to_space_id`
      const viewed = sql`ch.id, ch.dataset_id, f.descriptor as "from", t.descriptor as "to", ch.state, ch.paused,
        ch.waiting_for, ch.cause, jsonb_build_object('total', ch.documents_total, 'built', ch.documents_done,
          'verified', ch.documents_verified) as documents, ch.segments, ch.created_at, ch.ended_at,
        ch.cleaned_at as cleared_at, ch.removed`
      const views = rows(View)
      const toChange = (row: typeof View.Type) => new SpaceChange(row)
      const visible = (caller: Caller) =>
        sql`${from} join datasets ds on ds.tenant_id = ch.tenant_id and ds.id = ch.dataset_id
          where ch.tenant_id = ${caller.tenantId} and ${visibleDatasets(sql, caller)}`

      const find: SpaceChangesRepo["Service"]["find"] = (caller, changeId) =>
        Effect.map(
          views(sql`select ${viewed} from ${visible(caller)} and ch.id = ${changeId}`),
          ([row]) => Option.map(Option.fromUndefinedOr(row), toChange)
        )

      const Position = Schema.Tuple([CursorInstant, SpaceChangeId])
      const instants = maybeRow(Schema.Struct({ at: Schema.String }))
      const list: SpaceChangesRepo["Service"]["list"] = Effect.fn("SpaceChangesRepo.list")(
        function*(caller, { cursor, datasetId, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* views(sql`select ${viewed} from ${visible(caller)} and ch.dataset_id = ${datasetId}
            ${
            after.value === undefined
              ? sql``
              : sql`and (ch.created_at, ch.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          }
            order by ch.created_at desc, ch.id desc limit ${limit + 1}`)
          const items = page.slice(0, limit).map(toChange)
          const last = page.length > limit ? items.at(-1) : undefined
          if (last === undefined) return Option.some({ items })
          const instant = yield* instants(sql`select created_at::text as at from space_changes
            where tenant_id = ${caller.tenantId} and id = ${last.id}`)
          return Option.some({
            items,
            ...(Option.isSome(instant) && { next: encodeCursor(Position, [instant.value.at, last.id]) })
          })
        }
      )

      const locked = maybeRow(Schema.Struct({ spaceId: SpaceId }))
      const lockDataset: SpaceChangesRepo["Service"]["lockDataset"] = (tenantId, datasetId) =>
        Effect.map(
          locked(sql`select space_id from datasets
            where tenant_id = ${tenantId} and id = ${datasetId} and not deleting for update`),
          Option.map(({ spaceId }) => spaceId)
        )

      const worked =
        sql`ch.id, ch.dataset_id, f.descriptor as "from", t.descriptor as "to", ch.state, ch.paused, ch.step,
        ch.position, ch.begun_at is not null as has_begun, ch.cleaned_at is not null as is_cleared, ch.segments from ${from}`
      const row = maybeRow(ChangeRow)
      const ofDataset = (tenantId: TenantId, datasetId: DatasetId) =>
        sql`select ${worked} where ch.tenant_id = ${tenantId} and ch.dataset_id = ${datasetId} and ch.cleaned_at is null`
      const peek: SpaceChangesRepo["Service"]["peek"] = (tenantId, datasetId) => row(ofDataset(tenantId, datasetId))
      const open: SpaceChangesRepo["Service"]["open"] = (tenantId, datasetId) =>
        row(sql`${ofDataset(tenantId, datasetId)} for update of ch`)
      const get: SpaceChangesRepo["Service"]["get"] = (tenantId, changeId) =>
        row(sql`select ${worked} where ch.tenant_id = ${tenantId} and ch.id = ${changeId}`)
      const lock: SpaceChangesRepo["Service"]["lock"] = (tenantId, changeId) =>
        row(sql`select ${worked} where ch.tenant_id = ${tenantId} and ch.id = ${changeId} for update of ch`)

      const insert: SpaceChangesRepo["Service"]["insert"] = Effect.fn("SpaceChangesRepo.insert")(
        function*(tenantId, { actor, datasetId, from, to }) {
          const id = yield* newId(SpaceChangeId)
          const by = yield* Effect.orDie(Schema.encodeEffect(Actor)(actor))
          yield* done(sql`insert into spaces (tenant_id, id, descriptor)
            values (${tenantId}, ${to.id}, ${json(to)}::jsonb) on conflict do nothing`)
          yield* done(sql`insert into space_changes
              (tenant_id, dataset_id, id, from_space_id, to_space_id, created_by, documents_total)
            select ${tenantId}::uuid, ${datasetId}::uuid, ${id}::uuid, ${from}, ${to.id}, ${json(by)}::jsonb, count(*)
            from documents where tenant_id = ${tenantId} and dataset_id = ${datasetId} and not deleting`)
          return id
        }
      )

      const advance: SpaceChangesRepo["Service"]["advance"] = (tenantId, { id, step }, next) => {
        const { cause, fromTheStart = false, paused = null, state = null } = next
        const ended = state === "switched" || state === "cancelled" || state === "failed"
        const again = state === "building"
        return done(sql`update space_changes set step = step + 1, waiting_for = null,
            state = coalesce(${state}, state), paused = coalesce(${paused}::boolean, paused),
            cause = ${cause === undefined ? null : json(cause)}::jsonb,
            position = case when ${fromTheStart} then null else position end,
            begun_at = case when ${again} then null else begun_at end,
            documents_done = case when ${again} then 0 else documents_done end,
            documents_verified = case when ${again} then 0 else documents_verified end,
            segments = case when ${again} then 0 else segments end,
            ended_at = case when ${ended} then now() when ${again} then null else ended_at end
          where tenant_id = ${tenantId} and id = ${id} and step = ${step}`)
      }

      // By the clock: the transaction may have begun before others that it has waited for.
      const begin: SpaceChangesRepo["Service"]["begin"] = (tenantId, changeId) =>
        done(sql`update space_changes set begun_at = clock_timestamp()
          where tenant_id = ${tenantId} and id = ${changeId} and begun_at is null`)

      const record: SpaceChangesRepo["Service"]["record"] = (tenantId, changeId, kind, progress) => {
        const { documents, position, segments } = progress
        return done(sql`update space_changes set waiting_for = null, position = ${json(position)}::jsonb,
            documents_done = documents_done + ${kind === "built" ? documents : 0},
            documents_verified = documents_verified + ${kind === "verified" ? documents : 0},
            documents_total = greatest(documents_total, documents_done + ${kind === "built" ? documents : 0}),
            segments = segments + ${kind === "built" ? segments : 0}
          where tenant_id = ${tenantId} and id = ${changeId}`)
      }

      const setWaiting: SpaceChangesRepo["Service"]["setWaiting"] = (tenantId, changeId, dependency) =>
        done(sql`update space_changes set waiting_for = ${dependency}
          where tenant_id = ${tenantId} and id = ${changeId} and waiting_for is distinct from ${dependency}`)

      const switchDataset: SpaceChangesRepo["Service"]["switchDataset"] = (tenantId, { datasetId, to }) =>
        done(sql`update datasets set first_space_id = coalesce(first_space_id, space_id), space_id = ${to.id}
          where tenant_id = ${tenantId} and id = ${datasetId}`)

      const recordRemoved: SpaceChangesRepo["Service"]["recordRemoved"] = (tenantId, changeId, removed, position) =>
        done(sql`update space_changes set waiting_for = null,
            position = ${position === null ? null : json(position)}::jsonb,
            removed = jsonb_build_object(
              'indexEntries', greatest(coalesce((removed ->> 'indexEntries')::int, 0), ${removed.indexEntries}::int),
              'vectors', coalesce((removed ->> 'vectors')::int, 0) + ${removed.vectors}::int)
          where tenant_id = ${tenantId} and id = ${changeId}`)

      const clear: SpaceChangesRepo["Service"]["clear"] = (tenantId, changeId) =>
        done(sql`update space_changes set cleaned_at = now()
          where tenant_id = ${tenantId} and id = ${changeId} and cleaned_at is null`)

      return SpaceChangesRepo.of({
        find,
        list,
        lockDataset,
        peek,
        open,
        get,
        lock,
        insert,
        advance,
        begin,
        record,
        setWaiting,
        switchDataset,
        recordRemoved,
        clear
      })
    })
  )
}
