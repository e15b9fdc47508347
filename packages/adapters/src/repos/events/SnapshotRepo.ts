import type { Caller } from "@sheaf/domain/edge/Caller"
import { SnapshotItem } from "@sheaf/domain/events/EventsRpcs"
import { DatasetId, DocumentId, EventCursor, type PageCursor } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type PageOptions, visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { documentTables, visibleDocuments } from "../documents/documentRow.ts"
import { statusSql } from "../documents/statusCondition.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { rows } from "../rows.ts"

const { Dataset, Document } = SnapshotItem.cases

/** Where a snapshot stands: the event that it began after, and the last thing that was shown; `null`: none of its kind yet. */
const Position = Schema.Union([
  Schema.Tuple([Schema.Literal("datasets"), EventCursor, Schema.NullOr(DatasetId)]),
  Schema.Tuple([Schema.Literal("documents"), EventCursor, Schema.NullOr(Schema.Tuple([DatasetId, DocumentId]))])
])

/** How everything stands that a caller may see, for a reader of events who has been away for too long. */
export class SnapshotRepo extends Context.Service<SnapshotRepo, {
  /**
   * `None` for a cursor that is not of a snapshot. `newest` is the cursor of the newest event, known before the call: an event that is
   * numbered later is read after the snapshot. That of the first page goes with all others.
   */
  readonly page: (
    caller: Caller,
    newest: EventCursor,
    options: PageOptions & { readonly datasetId?: DatasetId }
  ) => Effect.Effect<
    Option.Option<
      { readonly items: ReadonlyArray<SnapshotItem>; readonly next?: PageCursor; readonly cursor: EventCursor }
    >
  >
}>()("@sheaf/adapters/repos/events/SnapshotRepo") {
  static readonly layer = Layer.effect(
    SnapshotRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const only = (datasetId: DatasetId | undefined) => datasetId === undefined ? sql`` : sql`and ds.id = ${datasetId}`

      const datasetRows = rows(Dataset)
      const datasets = (caller: Caller, datasetId: DatasetId | undefined, after: DatasetId | null, limit: number) =>
        datasetRows(sql`select 'Dataset' as "_tag", ds.id as dataset_id, ds.name from datasets ds
          where ${visibleDatasets(sql, caller)} ${only(datasetId)}
            ${after === null ? sql`` : sql`and ds.id > ${after}::uuid`}
          order by ds.id limit ${limit}`)

      const documentRows = rows(Document)
      const documents = (
        caller: Caller,
        datasetId: DatasetId | undefined,
        after: readonly [DatasetId, DocumentId] | null,
        limit: number
      ) =>
        documentRows(sql`select 'Document' as "_tag", d.dataset_id, d.id as document_id, d.name,
            ${statusSql(sql)} as status, d.published_run_id, r.id as run_id, r.cause, d.pages, d.segments, d.tokens
          from ${documentTables(sql)}
          where ${visibleDocuments(sql, caller)} and not d.deleting ${only(datasetId)}
            ${after === null ? sql`` : sql`and (d.dataset_id, d.id) > (${after[0]}::uuid, ${after[1]}::uuid)`}
          order by d.dataset_id, d.id limit ${limit}`)

      const page: SnapshotRepo["Service"]["page"] = Effect.fn("SnapshotRepo.page")(function*(caller, newest, options) {
        const { datasetId, limit = 200 } = options
        const decoded = decodeCursor(Position, options.cursor)
        if (Option.isNone(decoded)) return Option.none()
        const [kind, cursor, after] = decoded.value ?? ["datasets" as const, newest, null] as const
        const next = (position: typeof Position.Type) => encodeCursor(Position, position)
        if (kind === "datasets") {
          const items = yield* datasets(caller, datasetId, after, limit)
          const last = items.at(-1)
          const place = items.length === limit && last !== undefined
            ? next(["datasets", cursor, last.datasetId])
            : next(["documents", cursor, null])
          return Option.some({ items, cursor, next: place })
        }
        const items = yield* documents(caller, datasetId, after, limit)
        const last = items.at(-1)
        return Option.some({
          items,
          cursor,
          ...(items.length === limit && last !== undefined && {
            next: next(["documents", cursor, [last.datasetId, last.documentId]])
          })
        })
      })

      return SnapshotRepo.of({ page })
    })
  )
}
