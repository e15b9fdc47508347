import { Actor, Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, DocumentId, OperationId, type PageCursor, type TenantId } from "@sheaf/domain/ids"
import { BulkAction } from "@sheaf/domain/operations/BulkAction"
import { Operation, OperationItem, type OperationItemState } from "@sheaf/domain/operations/Operation"
import { OperationState } from "@sheaf/domain/operations/OperationState"
import type { Selection } from "@sheaf/domain/operations/Selection"
import { DocumentFilter } from "@sheaf/domain/documents/ListFilter"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ownerOf, type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { documentCondition } from "../documents/documentCondition.ts"
import { CursorInstant, decodeCursor, encodeCursor } from "../pageCursor.ts"
import { done, expiryPage, json, maybeRow, oneRow, rows } from "../rows.ts"

const OperationRow = Schema.Struct({
  ...Operation.fields,
  createdAt: Schema.Date,
  finishedAt: Schema.NullOr(Schema.Date)
})

const encode = {
  action: Schema.encodeSync(BulkAction),
  actor: Schema.encodeSync(Actor),
  caller: Schema.encodeSync(Schema.toCodecJson(Caller)),
  filter: Schema.encodeSync(Schema.toCodecJson(DocumentFilter))
}

const Work = Schema.Struct({
  action: BulkAction,
  state: OperationState,
  datasetId: Schema.NullOr(DatasetId),
  filter: Schema.NullOr(Schema.toCodecJson(DocumentFilter)),
  caller: Schema.toCodecJson(Caller),
  owner: Schema.String,
  lookedTo: Schema.NullOr(DocumentId),
  done: Schema.Int,
  skipped: Schema.Int,
  failed: Schema.Int
})
/** What carries out an operation needs to know of it. */
export type Work = typeof Work.Type

export interface Outcome {
  readonly state: "done" | "skipped" | "failed"
  readonly error?: { readonly tag: string; readonly message: string }
}

/** How long an operation can be looked at after it is over. */
const retention = "30 days"

/** Ids in one statement, and documents looked at by one. */
const page = 1_000

/** Actions on many documents, and what became of each. */
export class OperationsRepo extends Context.Service<OperationsRepo, {
  /** Part of the caller's transaction. */
  readonly insert: (caller: Caller, operation: {
    readonly id: OperationId
    readonly action: BulkAction
    readonly select: Selection
  }) => Effect.Effect<void>
  /** A caller's own, or with the scope `admin` anybody's; of a key that is limited to some datasets, those that look for documents there. */
  readonly find: (caller: Caller, operationId: OperationId) => Effect.Effect<Option.Option<Operation>>
  /** Newest first; `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: PageOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Operation>; readonly next?: PageCursor }>
  >
  /** By document; `None` for a cursor that is not of this list. */
  readonly items: (
    tenantId: TenantId,
    options: PageOptions & { readonly operationId: OperationId; readonly state?: ReadonlyArray<OperationItemState> }
  ) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<OperationItem>; readonly next?: PageCursor }>
  >
  /** `false` when it is over already. Part of the caller's transaction. */
  readonly cancel: (tenantId: TenantId, operationId: OperationId) => Effect.Effect<boolean>
  readonly work: (tenantId: TenantId, operationId: OperationId) => Effect.Effect<Option.Option<Work>>
  /**
   * Looks at the next documents of the dataset, in the order of their ids, and takes those that fit. Answers whether there may be more.
   * Within a fenced transaction.
   */
  readonly select: (tenantId: TenantId, operationId: OperationId, work: Work) => Effect.Effect<boolean>
  /** Documents whose turn has not come. */
  readonly pending: (
    tenantId: TenantId,
    operationId: OperationId,
    limit: number
  ) => Effect.Effect<ReadonlyArray<DocumentId>>
  /** Takes a document's turn, before anything is done to it; `false` when it was had, or the operation is over. In a fenced transaction. */
  readonly take: (tenantId: TenantId, operationId: OperationId, documentId: DocumentId) => Effect.Effect<boolean>
  /** In the same transaction: what became of it. */
  readonly settle: (
    tenantId: TenantId,
    operationId: OperationId,
    documentId: DocumentId,
    outcome: Outcome
  ) => Effect.Effect<void>
  /** `false` when it is over already. */
  readonly finish: (tenantId: TenantId, operationId: OperationId) => Effect.Effect<Option.Option<Operation>>
  /** Removes what is past its retention, a page of rows at a time. Less than a page is the last one. */
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/operations/OperationsRepo") {
  static readonly layer = Layer.effect(
    OperationsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = sql`o.id, o.action, o.state, o.dataset_id, o.total, o.done, o.skipped, o.failed, o.created_by,
        o.created_at, o.finished_at`
      const own = (caller: Caller) => {
        const isOwn = sql`o.owner = ${ownerOf(caller)}`
        const seen = !caller.has("admin")
          ? sql`and ${isOwn}`
          : caller.datasetIds === null
          ? sql``
          : sql`and (${isOwn} or o.dataset_id = any(${[...caller.datasetIds]}::uuid[]))`
        return sql`o.tenant_id = ${caller.tenantId} ${seen}`
      }

      const insert: OperationsRepo["Service"]["insert"] = Effect.fn("OperationsRepo.insert")(
        function*(caller, { action, id, select }) {
          const { tenantId } = caller
          const ids = "documentIds" in select ? [...new Set(select.documentIds.map((one) => one.toLowerCase()))] : []
          const where = "documentIds" in select ? null : select
          const filter = where === null ? null : json(encode.filter(where.filter ?? {}))
          yield* done(sql`insert into operations
              (tenant_id, id, action, dataset_id, filter, caller, owner, state, total, created_by)
            values (${tenantId}, ${id}, ${json(encode.action(action))}::jsonb, ${where?.datasetId ?? null}::uuid,
              ${filter}::jsonb, ${json(encode.caller(caller))}::jsonb, ${ownerOf(caller)},
              ${where === null ? "running" : "selecting"}, ${ids.length}, ${json(encode.actor(caller.actor))}::jsonb)`)
          for (let from = 0; from < ids.length; from += page) {
            yield* done(sql`insert into operation_items (tenant_id, operation_id, document_id)
              select ${tenantId}::uuid, ${id}::uuid, one::uuid
              from jsonb_array_elements_text(${json(ids.slice(from, from + page))}::jsonb) as one`)
          }
        }
      )

      const found = maybeRow(OperationRow)
      const toOperation = (row: typeof OperationRow.Type) => new Operation(row)
      const find: OperationsRepo["Service"]["find"] = (caller, operationId) =>
        Effect.map(
          found(sql`select ${columns} from operations o where ${own(caller)} and o.id = ${operationId}`),
          Option.map(toOperation)
        )

      const listed = rows(Schema.Struct({ ...OperationRow.fields, at: Schema.String }))
      const Position = Schema.Tuple([CursorInstant, OperationId])
      const list: OperationsRepo["Service"]["list"] = Effect.fn("OperationsRepo.list")(
        function*(caller, { cursor, limit = 50 }) {
          const after = decodeCursor(Position, cursor)
          if (Option.isNone(after)) return Option.none()
          const older = after.value === undefined
            ? sql``
            : sql`and (o.created_at, o.id) < (${after.value[0]}::timestamptz, ${after.value[1]}::uuid)`
          const many = yield* listed(sql`select ${columns}, o.created_at::text as at from operations o
            where ${own(caller)} ${older} order by o.created_at desc, o.id desc limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown.map(({ at: _at, ...row }) => toOperation(row)),
            ...(many.length > limit && last !== undefined && { next: encodeCursor(Position, [last.at, last.id]) })
          })
        }
      )

      const ItemRow = Schema.Struct({ ...OperationItem.fields, finishedAt: Schema.NullOr(Schema.Date) })
      const itemRows = rows(ItemRow)
      const ItemPosition = Schema.Tuple([DocumentId])
      const items: OperationsRepo["Service"]["items"] = Effect.fn("OperationsRepo.items")(
        function*(tenantId, { cursor, limit = 50, operationId, state }) {
          const after = decodeCursor(ItemPosition, cursor)
          if (Option.isNone(after)) return Option.none()
          const stateNow =
            sql`case when i.state = 'pending' and o.state = 'cancelled' then 'cancelled' else i.state end`
          const many = yield* itemRows(sql`select i.document_id, ${stateNow} as state, i.error, i.finished_at
            from operation_items i join operations o on o.tenant_id = i.tenant_id and o.id = i.operation_id
            where i.tenant_id = ${tenantId} and i.operation_id = ${operationId}
              ${state === undefined ? sql`` : sql`and ${stateNow} = any(${[...state]}::text[])`}
              ${after.value === undefined ? sql`` : sql`and i.document_id > ${after.value[0]}::uuid`}
            order by i.document_id limit ${limit + 1}`)
          const shown = many.slice(0, limit)
          const last = shown.at(-1)
          return Option.some({
            items: shown,
            ...(many.length > limit && last !== undefined && { next: encodeCursor(ItemPosition, [last.documentId]) })
          })
        }
      )

      const changed = maybeRow(Schema.Struct({ id: OperationId }))
      const isChanged = (row: Effect.Effect<Option.Option<unknown>>) => Effect.map(row, Option.isSome)
      const cancel: OperationsRepo["Service"]["cancel"] = (tenantId, operationId) =>
        isChanged(changed(sql`update operations set state = 'cancelled', finished_at = now()
          where tenant_id = ${tenantId} and id = ${operationId} and state in ('selecting', 'running') returning id`))

      const works = maybeRow(Work)
      const work: OperationsRepo["Service"]["work"] = (tenantId, operationId) =>
        works(
          sql`select action, state, dataset_id, filter, caller, owner, looked_to, done, skipped, failed from operations
          where tenant_id = ${tenantId} and id = ${operationId}`
        )

      const looked = oneRow(Schema.Struct({ seen: Schema.Int, last: Schema.NullOr(DocumentId), taken: Schema.Int }))
      const select: OperationsRepo["Service"]["select"] = Effect.fn("OperationsRepo.select")(
        function*(tenantId, operationId, { caller, datasetId, filter, lookedTo }) {
          // So many are looked at, and not taken: a filter that nothing fits must not make one statement of all documents.
          const { last, seen, taken } = yield* looked(sql`
            with seen as materialized (
              select d.id from documents d
              where d.tenant_id = ${tenantId} and d.dataset_id = ${datasetId}
                ${lookedTo === null ? sql`` : sql`and d.id > ${lookedTo}::uuid`}
              order by d.id limit ${page}
            ), taken as (
              insert into operation_items (tenant_id, operation_id, document_id)
              select ${tenantId}::uuid, ${operationId}::uuid, d.id from seen
              join documents d on d.tenant_id = ${tenantId} and d.id = seen.id
              join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
              left join runs r on r.tenant_id = d.tenant_id and r.id = d.latest_run_id
              where ${visibleDatasets(sql, caller)} and ${documentCondition(sql, filter ?? {})}
                and d.created_at <= (select created_at from operations
                  where tenant_id = ${tenantId} and id = ${operationId})
              on conflict do nothing returning 1
            )
            select (select count(*)::int from seen) as seen, (select max(id::text) from seen) as last,
              (select count(*)::int from taken) as taken`)
          const more = seen === page
          yield* done(
            sql`update operations set looked_to = coalesce(${last}::uuid, looked_to), total = total + ${taken},
              state = ${more ? "selecting" : "running"}
            where tenant_id = ${tenantId} and id = ${operationId} and state = 'selecting'`
          )
          return more
        }
      )

      const waiting = rows(Schema.Struct({ documentId: DocumentId }))
      const pending: OperationsRepo["Service"]["pending"] = (tenantId, operationId, limit) =>
        Effect.map(
          waiting(sql`select document_id from operation_items
            where tenant_id = ${tenantId} and operation_id = ${operationId} and state = 'pending'
            order by document_id limit ${limit}`),
          (found) => found.map((row) => row.documentId)
        )

      const item = (tenantId: TenantId, operationId: OperationId, documentId: DocumentId) =>
        sql`tenant_id = ${tenantId} and operation_id = ${operationId} and document_id = ${documentId}
          and state = 'pending'`
      const take: OperationsRepo["Service"]["take"] = (tenantId, operationId, documentId) =>
        isChanged(changed(sql`with turn as materialized (
            select 1 from operation_items where ${item(tenantId, operationId, documentId)} for update
          )
          select id from operations where tenant_id = ${tenantId} and id = ${operationId} and state = 'running'
            and exists (select from turn) for update`))

      const settle: OperationsRepo["Service"]["settle"] = (tenantId, operationId, documentId, { error, state }) =>
        done(sql`with settled as (
            update operation_items set state = ${state}, finished_at = now(),
              error = ${error === undefined ? null : json(error)}::jsonb
            where ${item(tenantId, operationId, documentId)} returning 1
          )
          update operations set ${sql(state)} = ${sql(state)} + (select count(*)::int from settled)
          where tenant_id = ${tenantId} and id = ${operationId}`)

      const finish: OperationsRepo["Service"]["finish"] = (tenantId, operationId) =>
        Effect.map(
          found(sql`update operations o set state = 'finished', finished_at = now()
            where o.tenant_id = ${tenantId} and o.id = ${operationId} and o.state = 'running' returning ${columns}`),
          Option.map(toOperation)
        )

      const expired = oneRow(Schema.Struct({ gone: Schema.Int }))
      const old = sql`o.finished_at < now() - ${retention}::interval`
      const expireItems = expired(sql`with gone as (
          delete from operation_items where ctid = any(array(select i.ctid from operation_items i
            join operations o on o.tenant_id = i.tenant_id and o.id = i.operation_id
            where ${old} limit ${expiryPage})) returning 1
        ) select count(*)::int as gone from gone`)
      const expireEmpty = expired(sql`with gone as (
          delete from operations where ctid = any(array(select o.ctid from operations o
            where ${old} and not exists (select from operation_items i
              where i.tenant_id = o.tenant_id and i.operation_id = o.id) limit ${expiryPage})) returning 1
        ) select count(*)::int as gone from gone`)
      const expire = Effect.flatMap(
        expireItems,
        ({ gone }) => gone === expiryPage ? Effect.succeed(gone) : Effect.map(expireEmpty, (row) => row.gone)
      )

      return OperationsRepo.of({
        insert,
        find,
        list,
        items,
        cancel,
        work,
        select,
        pending,
        take,
        settle,
        finish,
        expire
      })
    })
  )
}
