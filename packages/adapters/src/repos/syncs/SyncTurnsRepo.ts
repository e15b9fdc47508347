import { type DocumentId, type RunId, SyncId, SyncItemId, type SyncSourceId, type TenantId } from "@sheaf/domain/ids"
import { nameOfResult, SyncResult, UnreachableReason } from "@sheaf/domain/syncs/SyncResult"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { newId } from "../newId.ts"
import { done, json, maybeRow, rows } from "../rows.ts"
import { type Known, knownColumns, KnownRow, knownTables, toKnown } from "./knownItem.ts"

/** A page that nobody has followed yet. */
export interface NewItem {
  readonly externalId: string
  readonly parentId: string | null
  readonly title: string
  readonly url: string | null
}

/** What reading an item has shown, for its row. What is left out stays as it is. */
export interface ItemChange {
  readonly title?: string
  readonly url?: string
  readonly documentId?: DocumentId
  readonly state: "present" | "unreachable" | "gone"
  readonly reason?: UnreachableReason
  /** `null`: not hidden by a sync any more. */
  readonly hidden?: "archive" | "disable" | null
  readonly read?: {
    readonly contentHash: string
    readonly editedAt: Date
    readonly fetchedAt: Date
    readonly fields: ReadonlyArray<string>
    readonly databases: ReadonlyArray<string>
  }
}

/** Rows in one statement. */
const page = 500

const encodeResult = Schema.encodeSync(SyncResult)
const encodeReason = Schema.encodeSync(UnreachableReason)

/** What a sync finds out, item by item. Writes are parts of fenced transactions. */
export class SyncTurnsRepo extends Context.Service<SyncTurnsRepo, {
  /** Everything that a source follows, in pages by id. */
  readonly known: (
    tenantId: TenantId,
    sourceId: SyncSourceId,
    after: SyncItemId | null,
    limit: number
  ) => Effect.Effect<ReadonlyArray<Known>>
  /**
   * Follows pages from now on; those that are followed already stay as they are. Answers the ids of all of them; none, where the source is
   * gone.
   */
  readonly follow: (
    tenantId: TenantId,
    sourceId: SyncSourceId,
    items: ReadonlyArray<NewItem>
  ) => Effect.Effect<ReadonlyArray<{ readonly id: SyncItemId; readonly externalId: string; readonly isNew: boolean }>>
  /** Items whose turn has not come; those that failed least often first. */
  readonly pending: (
    tenantId: TenantId,
    syncId: SyncId,
    limit: number
  ) => Effect.Effect<ReadonlyArray<{ readonly itemId: SyncItemId; readonly attempts: number }>>
  readonly item: (tenantId: TenantId, itemId: SyncItemId) => Effect.Effect<Option.Option<Known>>
  /** Takes an item's turn, and holds the item; `false` when it was had, or the sync is over. */
  readonly take: (tenantId: TenantId, syncId: SyncId, itemId: SyncItemId) => Effect.Effect<boolean>
  /** It did not work out this time. */
  readonly missed: (tenantId: TenantId, syncId: SyncId, itemId: SyncItemId) => Effect.Effect<void>
  /** What became of it, for the sync and for the item itself. */
  readonly settle: (tenantId: TenantId, syncId: SyncId, itemId: SyncItemId, end: {
    readonly result: SyncResult
    readonly change: ItemChange | null
    readonly runId?: RunId | null
  }) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/syncs/SyncTurnsRepo") {
  static readonly layer = Layer.effect(
    SyncTurnsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const many = rows(KnownRow)
      const known: SyncTurnsRepo["Service"]["known"] = (tenantId, sourceId, after, limit) =>
        Effect.map(
          many(sql`select ${knownColumns(sql)} from ${knownTables(sql)}
            where i.tenant_id = ${tenantId} and i.source_id = ${sourceId}
              ${after === null ? sql`` : sql`and i.id > ${after}::uuid`}
            order by i.id limit ${limit}`),
          (found) => found.map(toKnown)
        )

      const followed = rows(Schema.Struct({ id: SyncItemId, externalId: Schema.String, isNew: Schema.Boolean }))
      const follow: SyncTurnsRepo["Service"]["follow"] = Effect.fn("SyncTurnsRepo.follow")(
        function*(tenantId, sourceId, items) {
          const all: Array<{ readonly id: SyncItemId; readonly externalId: string; readonly isNew: boolean }> = []
          for (let from = 0; from < items.length; from += page) {
            const some = yield* Effect.forEach(
              items.slice(from, from + page),
              (item) => Effect.map(newId(SyncItemId), (id) => ({ ...item, id }))
            )
            const given = json(some)
            all.push(
              ...(yield* followed(sql`with given as (
                select * from jsonb_to_recordset(${given}::jsonb)
                  as x(id uuid, "externalId" text, "parentId" text, title text, url text)
              ), made as (
                insert into sync_items (tenant_id, id, source_id, external_id, parent_id, title, url)
                select ${tenantId}::uuid, g.id, ${sourceId}::uuid, g."externalId", g."parentId", g.title, g.url
                from given g, (select 1 from sync_sources where tenant_id = ${tenantId} and id = ${sourceId} for key share) as there
                on conflict (tenant_id, source_id, external_id) do nothing
                returning id, external_id
              )
              select id, external_id, true as is_new from made union all
              select i.id, i.external_id, false from sync_items i join given g on g."externalId" = i.external_id
              where i.tenant_id = ${tenantId} and i.source_id = ${sourceId}`))
            )
          }
          return all
        }
      )

      const waiting = rows(Schema.Struct({ itemId: SyncItemId, attempts: Schema.Int }))
      const one = maybeRow(KnownRow)
      const taken = maybeRow(Schema.Struct({ id: SyncId }))
      const turn = (tenantId: TenantId, syncId: SyncId, itemId: SyncItemId) =>
        sql`tenant_id = ${tenantId} and sync_id = ${syncId} and item_id = ${itemId} and result is null`
      const take: SyncTurnsRepo["Service"]["take"] = (tenantId, syncId, itemId) =>
        Effect.map(
          // The sync first: so do those who end it.
          taken(sql`with at_work as materialized (
              select id from syncs where tenant_id = ${tenantId} and id = ${syncId} and state = 'running' for update
            ), turn as materialized (
              select 1 from sync_results where ${turn(tenantId, syncId, itemId)} and exists (select from at_work)
              for update
            ), item as materialized (
              select 1 from sync_items where tenant_id = ${tenantId} and id = ${itemId} and exists (select from turn)
              for update
            )
            select id from at_work where exists (select from item)`),
          Option.isSome
        )

      const change = (tenantId: TenantId, itemId: SyncItemId, syncId: SyncId, result: SyncResult, to: ItemChange) => {
        const { documentId, hidden, read, reason, state, title, url } = to
        return done(sql`update sync_items set state = ${state}, last_sync_id = ${syncId},
            last_result = ${json(encodeResult(result))}::jsonb,
            reason = ${reason === undefined ? null : json(encodeReason(reason))}::jsonb,
            title = coalesce(${title ?? null}, title), url = coalesce(${url ?? null}, url),
            document_id = coalesce(${documentId ?? null}::uuid, document_id)
            ${hidden === undefined ? sql`` : sql`, hidden = ${hidden}`}
            ${
          read === undefined
            ? sql``
            : sql`, content_hash = ${read.contentHash}, edited_at = ${read.editedAt}, fetched_at = ${read.fetchedAt},
              fields = ${json(read.fields)}::jsonb, databases = ${json(read.databases)}::jsonb`
        }
          where tenant_id = ${tenantId} and id = ${itemId}`)
      }
      const settle: SyncTurnsRepo["Service"]["settle"] = Effect.fn("SyncTurnsRepo.settle")(
        function*(tenantId, syncId, itemId, { change: to, result, runId }) {
          const name = nameOfResult(result)
          yield* done(sql`with settled as (
              update sync_results set result = ${json(encodeResult(result))}::jsonb, name = ${name},
                run_id = ${runId ?? null}::uuid, finished_at = now()
              where ${turn(tenantId, syncId, itemId)} returning 1
            )
            update syncs set counts = jsonb_set(counts, array[${name}],
              to_jsonb(coalesce((counts ->> ${name})::int, 0) + (select count(*)::int from settled)))
            where tenant_id = ${tenantId} and id = ${syncId}`)
          if (to !== null) yield* change(tenantId, itemId, syncId, result, to)
        }
      )

      return SyncTurnsRepo.of({
        known,
        follow,
        pending: (tenantId, syncId, limit) =>
          waiting(sql`select item_id, attempts from sync_results
            where tenant_id = ${tenantId} and sync_id = ${syncId} and result is null
            order by attempts, item_id limit ${limit}`),
        item: (tenantId, itemId) =>
          Effect.map(
            one(sql`select ${knownColumns(sql)} from ${knownTables(sql)}
              where i.tenant_id = ${tenantId} and i.id = ${itemId}`),
            Option.map(toKnown)
          ),
        take,
        missed: (tenantId, syncId, itemId) =>
          done(sql`update sync_results set attempts = attempts + 1 where ${turn(tenantId, syncId, itemId)}`),
        settle
      })
    })
  )
}
