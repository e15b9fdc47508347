import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import {
  ConnectionId,
  DatasetId,
  type PageCursor,
  SyncId,
  type SyncItemId,
  SyncSourceId,
  type TenantId
} from "@sheaf/domain/ids"
import { Chosen, OnGone, Share } from "@sheaf/domain/syncs/Source"
import { Sync, SyncFailure, SyncState, SyncTrigger } from "@sheaf/domain/syncs/Sync"
import type { ResultName } from "@sheaf/domain/syncs/SyncResult"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { newId } from "../newId.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, expiryPage, json, maybeRow, oneRow, rows } from "../rows.ts"
import { addedUp } from "../upkeep/addedUp.ts"

const Row = Schema.Struct({
  ...Sync.fields,
  createdAt: Schema.Date,
  finishedAt: Schema.NullOr(Schema.Date),
  at: Schema.String
})
const toSync = ({ at: _at, ...row }: typeof Row.Type) => new Sync(row)

/** What works on a sync needs to know of it. */
const Work = Schema.Struct({
  id: SyncId,
  sourceId: SyncSourceId,
  connectionId: ConnectionId,
  datasetId: DatasetId,
  selection: Chosen,
  onGone: OnGone,
  maxMissing: Share,
  trigger: SyncTrigger,
  state: SyncState,
  confirmed: Schema.Boolean,
  actor: Actor,
  counts: Sync.fields.counts,
  total: Schema.Int
})
export type SyncWork = typeof Work.Type

/** What is to be followed no longer: all that a connection brings, or one source. */
export type Unfollowed = { readonly connectionId: ConnectionId } | { readonly sourceId: SyncSourceId }

/** How a sync ends whose source goes. */
export type EarlyEnd =
  | { readonly state: "cancelled" }
  | { readonly state: "failed"; readonly cause: SyncFailure }

/** One that somebody has ended before its time. */
const Stopped = Schema.Struct({
  syncId: SyncId,
  sourceId: SyncSourceId,
  datasetId: DatasetId,
  total: Schema.Int,
  counts: Sync.fields.counts,
  trigger: SyncTrigger
})

type Counts = Partial<Readonly<Record<ResultName, number>>>

const encodeActor = Schema.encodeSync(Actor)
const encodeFailure = Schema.encodeSync(SyncFailure)

/** How long a sync can be looked at after it is over. */
const retention = "30 days"

/** Items in one statement. */
const page = 500

/** Comparisons of datasets with what they follow. */
export class SyncsRepo extends Context.Service<SyncsRepo, {
  readonly find: (caller: Caller, syncId: SyncId) => Effect.Effect<Option.Option<Sync>>
  /** Newest first; `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: PageOptions & { readonly sourceId?: SyncSourceId }) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Sync>; readonly next?: PageCursor }>
  >
  /**
   * Part of the caller's transaction. Of one that looks at everything, `None` while another is at work; imports are not that. `items`: these alone, whose turn may
   * come at once.
   */
  readonly insert: (tenantId: TenantId, sync: {
    readonly sourceId: SyncSourceId
    readonly trigger: SyncTrigger
    readonly actor: Actor
    readonly confirmed: boolean
    readonly items: ReadonlyArray<SyncItemId> | null
  }) => Effect.Effect<Option.Option<SyncId>>
  /** The one that looks at everything now, if it is not an import. */
  readonly atWork: (tenantId: TenantId, sourceId: SyncSourceId) => Effect.Effect<Option.Option<SyncId>>
  /** What is missing from a listing may be gone: it is known. */
  readonly confirm: (tenantId: TenantId, syncId: SyncId) => Effect.Effect<void>
  readonly work: (tenantId: TenantId, syncId: SyncId) => Effect.Effect<Option.Option<SyncWork>>
  /**
   * Items get their turn in this sync; those that had theirs do not get another. What is found once it runs adds to what it is about. Within
   * a fenced transaction.
   */
  readonly owe: (tenantId: TenantId, syncId: SyncId, items: ReadonlyArray<SyncItemId>) => Effect.Effect<void>
  /** All that there is is known; `counts` are those that need no turn. Within a fenced transaction. */
  readonly run: (
    tenantId: TenantId,
    syncId: SyncId,
    listed: { readonly total: number; readonly counts: Counts }
  ) => Effect.Effect<void>
  /** `false` when it is over already. Part of the caller's transaction. */
  readonly end: (
    tenantId: TenantId,
    syncId: SyncId,
    state: "finished" | "failed" | "cancelled",
    cause?: SyncFailure
  ) => Effect.Effect<boolean>
  /** Ends those at work on sources that are to go: of a connection, or one of them. Holds them. Part of the caller's transaction. */
  readonly stop: (
    tenantId: TenantId,
    of: Unfollowed,
    end: EarlyEnd
  ) => Effect.Effect<ReadonlyArray<typeof Stopped.Type>>
  /** Removes what is past its retention, a page of rows at a time. Less than a page is the last one. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/syncs/SyncsRepo") {
  static readonly layer = Layer.effect(
    SyncsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns =
        sql`y.id, y.source_id, s.connection_id, s.dataset_id, y.trigger, y.scope, y.state, y.cause, y.total,
        y.counts, y.created_by, y.created_at, y.finished_at, y.created_at::text as at,
        (select count(*)::int from sync_results x join runs r on r.tenant_id = x.tenant_id and r.id = x.run_id
          where x.tenant_id = y.tenant_id and x.sync_id = y.id
            and r.state not in ('published', 'failed', 'cancelled')) as building`
      const visible = (caller: Caller) =>
        sql`syncs y join sync_sources s on s.tenant_id = y.tenant_id and s.id = y.source_id
          join datasets ds on ds.tenant_id = s.tenant_id and ds.id = s.dataset_id
          where y.tenant_id = ${caller.tenantId} and ${visibleDatasets(sql, caller)}`

      const found = maybeRow(Row)
      const many = rows(Row)
      const Position = Schema.Tuple([CursorInstant, SyncId])
      const list: SyncsRepo["Service"]["list"] = Effect.fn("SyncsRepo.list")(
        function*(caller, { cursor, limit = 50, sourceId }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const older = after.value === undefined
            ? sql``
            : sql`and (y.created_at, y.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          const all = yield* many(sql`select ${columns} from ${visible(caller)} ${older}
            ${sourceId === undefined ? sql`` : sql`and y.source_id = ${sourceId}`}
            order by y.created_at desc, y.id desc limit ${limit + 1}`)
          const shown = all.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(toSync),
            ...(all.length > limit && last !== undefined && { next: encodeCursor(Position, [last.at, last.id]) })
          })
        }
      )

      const ids = maybeRow(Schema.Struct({ id: SyncId }))
      const named = (row: Effect.Effect<Option.Option<{ readonly id: SyncId }>>) =>
        Effect.map(row, Option.map(({ id }) => id))
      const owe: SyncsRepo["Service"]["owe"] = Effect.fn("SyncsRepo.owe")(function*(tenantId, syncId, items) {
        for (let from = 0; from < items.length; from += page) {
          yield* done(sql`with owed as (
              insert into sync_results (tenant_id, sync_id, item_id)
              select ${tenantId}::uuid, ${syncId}::uuid, one::uuid
              from jsonb_array_elements_text(${json(items.slice(from, from + page))}::jsonb) as one,
                (select 1 from syncs where tenant_id = ${tenantId} and id = ${syncId} for key share) as there
              on conflict do nothing returning 1
            )
            update syncs set total = total + (select count(*)::int from owed)
            where tenant_id = ${tenantId} and id = ${syncId} and state = 'running'`)
        }
      })
      const insert: SyncsRepo["Service"]["insert"] = Effect.fn("SyncsRepo.insert")(
        function*(tenantId, { actor, confirmed, items, sourceId, trigger }) {
          const id = yield* newId(SyncId)
          const made = yield* named(ids(sql`insert into syncs
              (tenant_id, id, source_id, trigger, scope, confirmed, state, total, created_by)
            values (${tenantId}, ${id}, ${sourceId}, ${trigger}, ${items === null ? "all" : "items"}, ${confirmed},
              ${items === null ? "listing" : "running"}, 0, ${json(encodeActor(actor))}::jsonb)
            on conflict do nothing returning id`))
          if (Option.isSome(made) && items !== null) yield* owe(tenantId, id, items)
          return made
        }
      )

      const works = maybeRow(Work)
      const stopped = rows(Stopped)
      const ended = sql`finished_at < now() - ${retention}::interval`
      const expired = oneRow(Schema.Struct({ gone: Schema.Int }))
      const expireResults = expired(sql`with gone as (
          delete from sync_results where ctid = any(array(select x.ctid from sync_results x
            join syncs y on y.tenant_id = x.tenant_id and y.id = x.sync_id
            where y.${ended} limit ${expiryPage})) returning 1
        ) select count(*)::int as gone from gone`)
      const expireEmpty = expired(sql`with gone as (
          delete from syncs where ctid = any(array(select y.ctid from syncs y
            where y.${ended} and not exists (select from sync_results x
              where x.tenant_id = y.tenant_id and x.sync_id = y.id) limit ${expiryPage})) returning 1
        ) select count(*)::int as gone from gone`)

      return SyncsRepo.of({
        find: (caller, syncId) =>
          Effect.map(found(sql`select ${columns} from ${visible(caller)} and y.id = ${syncId}`), Option.map(toSync)),
        list,
        insert,
        atWork: (tenantId, sourceId) =>
          named(ids(sql`select id from syncs where tenant_id = ${tenantId} and source_id = ${sourceId}
            and scope = 'all' and trigger <> 'import' and state in ('listing', 'running')`)),
        confirm: (tenantId, syncId) =>
          done(sql`update syncs set confirmed = true where tenant_id = ${tenantId} and id = ${syncId}`),
        work: (tenantId, syncId) =>
          works(sql`select y.id, y.source_id, s.connection_id, s.dataset_id, s.selection, s.on_gone, s.max_missing,
              y.trigger, y.state, y.confirmed, y.created_by as actor, y.counts, y.total
            from syncs y join sync_sources s on s.tenant_id = y.tenant_id and s.id = y.source_id
            where y.tenant_id = ${tenantId} and y.id = ${syncId}`),
        owe,
        run: (tenantId, syncId, { counts, total }) =>
          done(
            sql`update syncs set state = 'running', total = ${total}, counts = ${
              addedUp(sql, sql`'{}'::jsonb`, counts as Readonly<Record<string, number>>)
            }
            where tenant_id = ${tenantId} and id = ${syncId} and state = 'listing'`
          ),
        end: (tenantId, syncId, state, cause) =>
          Effect.map(
            ids(sql`update syncs set state = ${state}, finished_at = now(),
                cause = ${cause === undefined ? null : json(encodeFailure(cause))}::jsonb
              where tenant_id = ${tenantId} and id = ${syncId} and state in ('listing', 'running') returning id`),
            Option.isSome
          ),
        stop: (tenantId, of, end) =>
          stopped(sql`update syncs y set state = ${end.state}, finished_at = now(),
              cause = ${"cause" in end ? json(encodeFailure(end.cause)) : null}::jsonb
            from sync_sources s
            where y.tenant_id = ${tenantId} and y.state in ('listing', 'running') and s.tenant_id = y.tenant_id
              and s.id = y.source_id
              and ${"sourceId" in of ? sql`s.id = ${of.sourceId}` : sql`s.connection_id = ${of.connectionId}`}
            returning y.id as sync_id, s.id as source_id, s.dataset_id, y.total, y.counts, y.trigger`),
        expire: Effect.flatMap(
          expireResults,
          ({ gone }) => gone === expiryPage ? Effect.succeed(gone) : Effect.map(expireEmpty, (row) => row.gone)
        )
      })
    })
  )
}
