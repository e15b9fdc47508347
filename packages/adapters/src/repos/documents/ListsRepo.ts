import type { Document } from "@sheaf/domain/documents/Document"
import type { DocumentFilter } from "@sheaf/domain/documents/ListFilter"
import type { DocumentSort, SortOrder } from "@sheaf/domain/documents/ListsRpcs"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type DatasetId, DocumentId, type PageCursor } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { rows } from "../rows.ts"
import { documentCondition } from "./documentCondition.ts"
import { documentColumns, DocumentRow, documentTables, toDocument, visibleDocuments } from "./documentRow.ts"
import { type ListOrder, listOrder, type Place } from "./listOrder.ts"
import { newestRuns } from "./statusCondition.ts"

export interface ListOptions extends PageOptions {
  readonly datasetId: DatasetId
  readonly filter?: DocumentFilter
  readonly sort?: DocumentSort
  readonly order?: SortOrder
}

/** Rows that one statement of a filtered list looks at: some ten milliseconds of the one session that the embedded database has. */
const chunk = 1_000

/** Rows that one call looks at; a page is then given as far as it came. */
const most = 50_000

/** Documents of a dataset, page by page. */
export class ListsRepo extends Context.Service<ListsRepo, {
  /** `None` for a cursor that is not of this list. */
  readonly list: (caller: Caller, options: ListOptions) => Effect.Effect<
    Option.Option<{ readonly items: ReadonlyArray<Document>; readonly next?: PageCursor }>
  >
}>()("@sheaf/adapters/repos/documents/ListsRepo") {
  static readonly layer = Layer.effect(
    ListsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      // One more than wanted tells whether there are more. The last row that was looked at is told even where none fits.
      const looked = rows(Schema.Struct({
        id: Schema.NullOr(DocumentId),
        position: Schema.NullOr(Schema.String),
        looked: Schema.Int,
        lastId: DocumentId,
        lastPosition: Schema.String
      }))
      const look = (caller: Caller, { datasetId, filter = {} }: ListOptions, order: ListOrder, step: {
        readonly from: Place | undefined
        readonly rows: number
        readonly wanted: number
      }) =>
        looked(sql`with chunk as materialized (
            select d.*, ${order.position} as position from documents d
            where d.tenant_id = ${caller.tenantId} and d.dataset_id = ${datasetId}
              and exists (select from datasets ds where ${visibleDatasets(sql, caller)} and ds.id = ${datasetId})
              ${step.from === undefined ? sql`` : sql`and ${order.after(step.from)}`}
            order by ${order.orderBy} limit ${step.rows}
          ), placed as materialized (
            select d.*, row_number() over (order by ${order.orderBy}) as place from chunk d
          )
          select hit.id, hit.position, last.place::int as looked, last.id as last_id, last.position as last_position
          from (select id, position, place from placed order by place desc limit 1) last
          left join lateral (
            select d.id, d.position, d.place from placed d
            ${newestRuns(sql, caller.tenantId)}
            where ${documentCondition(sql, filter)} order by d.place limit ${step.wanted}
          ) hit on true
          order by hit.place`)

      const many = rows(DocumentRow)
      /** Those that still fit, in the order of the ids. */
      const load = Effect.fnUntraced(function*(
        caller: Caller,
        { filter = {} }: ListOptions,
        ids: ReadonlyArray<DocumentId>
      ) {
        if (ids.length === 0) return []
        const found = yield* many(sql`select ${documentColumns(sql)} from ${documentTables(sql)}
          where ${visibleDocuments(sql, caller)} and d.id = any(${[...ids]}::uuid[])
            and ${documentCondition(sql, filter)}`)
        const byId = new Map(found.map((row) => [row.id, row]))
        return ids.flatMap((id) => {
          const row = byId.get(id)
          return row === undefined ? [] : [toDocument(row)]
        })
      })

      const list: ListsRepo["Service"]["list"] = Effect.fn("ListsRepo.list")(function*(caller, options) {
        const { filter = {}, limit = 50, sort = "createdAt" } = options
        const order = listOrder(sql, sort, options.order ?? (sort === "name" ? "asc" : "desc"))
        const begin = order.decode(options.cursor)
        if (Option.isNone(begin)) return Option.none()
        const wanted = limit + 1
        // Without a filter nearly every row fits.
        let perLook = Object.keys(filter).length === 0 ? wanted : chunk
        const places: Array<Place> = []
        let from = begin.value
        let more = true
        for (let seen = 0; more && places.length < wanted && seen < most;) {
          const found = yield* look(caller, options, order, { from, rows: perLook, wanted: wanted - places.length })
          for (const { id, position } of found) if (id !== null && position !== null) places.push({ id, position })
          const [row] = found
          more = row !== undefined && row.looked === perLook
          if (row === undefined) break
          seen += row.looked
          perLook = chunk
          from = { id: row.lastId, position: row.lastPosition }
        }
        const shown = places.slice(0, limit)
        const items = yield* load(caller, options, shown.map((place) => place.id))
        const end = places.length > limit ? shown.at(-1) : more ? from : undefined
        return Option.some({ items, ...(end !== undefined && { next: order.encode(end) }) })
      })

      return ListsRepo.of({ list })
    })
  )
}
