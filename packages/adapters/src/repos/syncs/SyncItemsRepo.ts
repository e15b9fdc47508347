import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import type { Caller } from "@sheaf/domain/edge/Caller"
import {
  type ConnectionId,
  DocumentId,
  type PageCursor,
  RunId,
  type SyncId,
  SyncItemId,
  type SyncSourceId,
  type TenantId
} from "@sheaf/domain/ids"
import { RunState } from "@sheaf/domain/runs/Run"
import { SyncItem, SyncItemResult, type SyncItemState } from "@sheaf/domain/syncs/SyncItem"
import { type ResultName, SyncResult } from "@sheaf/domain/syncs/SyncResult"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, maybeRow, rows } from "../rows.ts"
import { knownTables, serves } from "./knownItem.ts"

const Row = Schema.Struct({
  ...SyncItem.fields,
  editedAt: Schema.NullOr(Schema.Date),
  fetchedAt: Schema.NullOr(Schema.Date)
})
const toItem = (row: typeof Row.Type) => new SyncItem(row)

const ResultRow = Schema.Struct({
  itemId: SyncItemId,
  externalId: Schema.String,
  title: Schema.String,
  documentId: Schema.NullOr(DocumentId),
  result: Schema.NullOr(SyncResult),
  runId: Schema.NullOr(RunId),
  finishedAt: Schema.NullOr(Schema.Date),
  conflicts: Schema.Int,
  runState: Schema.NullOr(RunState),
  runCause: Schema.NullOr(FailureCause)
})

/** What the run made of it is what became of the item. */
const toResult = ({ result, runCause, runState, ...row }: typeof ResultRow.Type): SyncItemResult =>
  new SyncItemResult({
    ...row,
    result: runState === "failed" && runCause !== null
      ? SyncResult.cases.Failed.make({ cause: runCause })
      : result
  })

type Page<Item> = Option.Option<{ readonly items: ReadonlyArray<Item>; readonly next?: PageCursor }>

/** Pages that datasets follow, as callers see them: those that lie in datasets that they may see. */
export class SyncItemsRepo extends Context.Service<SyncItemsRepo, {
  readonly find: (caller: Caller, itemId: SyncItemId) => Effect.Effect<Option.Option<SyncItem>>
  /** By id; `None` for a cursor that is not of this list. */
  readonly list: (
    caller: Caller,
    options: PageOptions & {
      readonly sourceId: SyncSourceId
      readonly state?: ReadonlyArray<SyncItemState>
      readonly documentId?: DocumentId
    }
  ) => Effect.Effect<Page<SyncItem>>
  /** By item; `None` for a cursor that is not of this list. Whether the caller may see the sync was asked before. */
  readonly results: (
    tenantId: TenantId,
    options: PageOptions & { readonly syncId: SyncId; readonly result?: ResultName }
  ) => Effect.Effect<Page<SyncItemResult>>
  /** The items of these documents. */
  readonly ofDocuments: (
    tenantId: TenantId,
    sourceId: SyncSourceId,
    documentIds: ReadonlyArray<DocumentId>
  ) => Effect.Effect<ReadonlyArray<{ readonly itemId: SyncItemId; readonly documentId: DocumentId }>>
  /** Documents that came through a connection and are there, by id, after that one. */
  readonly documentsThrough: (
    tenantId: TenantId,
    connectionId: ConnectionId,
    after: DocumentId | undefined,
    limit: number
  ) => Effect.Effect<ReadonlyArray<DocumentId>>
  readonly setPaused: (tenantId: TenantId, itemId: SyncItemId, paused: boolean) => Effect.Effect<void>
  /** These were asked for by name: what is known of documents of them that were deleted is forgotten. */
  readonly forgetDeleted: (
    tenantId: TenantId,
    sourceId: SyncSourceId,
    externalIds: ReadonlyArray<string> | "all"
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/syncs/SyncItemsRepo") {
  static readonly layer = Layer.effect(
    SyncItemsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const state = sql`case when i.paused then 'paused' when i.state <> 'present' then i.state
        when ${serves(sql)} then 'present' else 'changed' end`
      const columns = sql`i.id, i.source_id, i.external_id, i.parent_id, i.title, i.url, d.id as document_id,
        ${state} as state, i.reason, case when ${serves(sql)} then i.edited_at end as edited_at, i.fetched_at,
        i.last_result, i.last_sync_id`
      const visible = (caller: Caller) =>
        sql`${knownTables(sql)} join sync_sources s on s.tenant_id = i.tenant_id and s.id = i.source_id
          join datasets ds on ds.tenant_id = s.tenant_id and ds.id = s.dataset_id
          where i.tenant_id = ${caller.tenantId} and ${visibleDatasets(sql, caller)}`

      const found = maybeRow(Row)
      const many = rows(Row)
      const Position = Schema.Tuple([SyncItemId])
      const list: SyncItemsRepo["Service"]["list"] = Effect.fn("SyncItemsRepo.list")(
        function*(caller, { cursor, documentId, limit = 50, sourceId, state: states }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const page = yield* many(sql`select ${columns} from ${visible(caller)} and i.source_id = ${sourceId}
            ${states === undefined ? sql`` : sql`and ${state} = any(${[...states]}::text[])`}
            ${documentId === undefined ? sql`` : sql`and i.document_id = ${documentId}`}
            ${after.value === undefined ? sql`` : sql`and i.id > ${after.value[0]}::uuid`}
            order by i.id limit ${limit + 1}`)
          const shown = page.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(toItem),
            ...(page.length > limit && last !== undefined && { next: encodeCursor(Position, [last.id]) })
          })
        }
      )

      const resultRows = rows(ResultRow)
      const results: SyncItemsRepo["Service"]["results"] = Effect.fn("SyncItemsRepo.results")(
        function*(tenantId, { cursor, limit = 50, result, syncId }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const name = sql`case when r.state = 'failed' then 'failed' else x.name end`
          const page = yield* resultRows(sql`select x.item_id, i.external_id, i.title, d.id as document_id, x.result,
              x.run_id, x.finished_at, coalesce(jsonb_array_length(r.conflicts), 0) as conflicts, r.state as run_state,
              r.cause as run_cause
            from sync_results x
            join sync_items i on i.tenant_id = x.tenant_id and i.id = x.item_id
            left join documents d on d.tenant_id = i.tenant_id and d.id = i.document_id and not d.deleting
            left join runs r on r.tenant_id = x.tenant_id and r.id = x.run_id
            where x.tenant_id = ${tenantId} and x.sync_id = ${syncId}
              ${result === undefined ? sql`` : sql`and ${name} = ${result}`}
              ${after.value === undefined ? sql`` : sql`and x.item_id > ${after.value[0]}::uuid`}
            order by x.item_id limit ${limit + 1}`)
          const shown = page.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(toResult),
            ...(page.length > limit && last !== undefined && { next: encodeCursor(Position, [last.itemId]) })
          })
        }
      )

      const ofDocument = rows(Schema.Struct({ itemId: SyncItemId, documentId: DocumentId }))
      const through = rows(Schema.Struct({ id: DocumentId }))
      return SyncItemsRepo.of({
        find: (caller, itemId) =>
          Effect.map(found(sql`select ${columns} from ${visible(caller)} and i.id = ${itemId}`), Option.map(toItem)),
        list,
        results,
        ofDocuments: (tenantId, sourceId, documentIds) =>
          ofDocument(sql`select i.id as item_id, d.id as document_id from sync_items i
            join documents d on d.tenant_id = i.tenant_id and d.id = i.document_id and not d.deleting
            where i.tenant_id = ${tenantId} and i.source_id = ${sourceId}
              and i.document_id = any(${[...documentIds]}::uuid[])`),
        documentsThrough: (tenantId, connectionId, after, limit) =>
          Effect.map(
            through(sql`select d.id from sync_sources s
              join sync_items i on i.tenant_id = s.tenant_id and i.source_id = s.id
              join documents d on d.tenant_id = i.tenant_id and d.id = i.document_id and not d.deleting
              where s.tenant_id = ${tenantId} and s.connection_id = ${connectionId}
                ${after === undefined ? sql`` : sql`and d.id > ${after}::uuid`}
              order by d.id limit ${limit}`),
            (found) => found.map(({ id }) => id)
          ),
        setPaused: (tenantId, itemId, paused) =>
          done(sql`update sync_items set paused = ${paused} where tenant_id = ${tenantId} and id = ${itemId}`),
        forgetDeleted: (tenantId, sourceId, externalIds) =>
          done(sql`update sync_items i set content_hash = null, edited_at = null, fetched_at = null, document_id = null
            where i.tenant_id = ${tenantId} and i.source_id = ${sourceId} and i.content_hash is not null
              ${externalIds === "all" ? sql`` : sql`and i.external_id = any(${[...externalIds]}::text[])`}
              and not exists (select from documents d where d.tenant_id = i.tenant_id and d.id = i.document_id
                and not d.deleting)`)
      })
    })
  )
}
