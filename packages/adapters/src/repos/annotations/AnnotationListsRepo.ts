import type { Annotation } from "@sheaf/domain/annotations/Annotation"
import { AnnotationId, type AppId, type PageCursor, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { PageOptions } from "../datasets/DatasetsRepo.ts"
import { decodeCursor, encodeCursor } from "../pageCursor.ts"
import { maybeRow, rows } from "../rows.ts"
import { annotationColumns, AnnotationRow, toAnnotation } from "./annotationRow.ts"

export interface AnnotationFilter {
  readonly text?: string
  readonly duplicated?: boolean
  readonly unused?: boolean
}

/** Annotations that one statement of a filtered list looks at. */
const windowSize = 2_000

const listOrder = Schema.Tuple([AnnotationId])

/** Annotations as people look at them; those of an app that is being deleted are gone. */
export class AnnotationListsRepo extends Context.Service<AnnotationListsRepo, {
  readonly find: (tenantId: TenantId, annotationId: AnnotationId) => Effect.Effect<Option.Option<Annotation>>
  /** The newest first. `None` for a cursor that this list never gave. */
  readonly list: (
    tenantId: TenantId,
    appId: AppId,
    options: PageOptions & AnnotationFilter
  ) => Effect.Effect<Option.Option<{ readonly items: ReadonlyArray<Annotation>; readonly next?: PageCursor }>>
}>()("@sheaf/adapters/repos/annotations/AnnotationListsRepo") {
  static readonly layer = Layer.effect(
    AnnotationListsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const annotations = sql`select ${annotationColumns(sql)} from annotations a
        join apps p on p.tenant_id = a.tenant_id and p.id = a.app_id and not p.deleting`

      const found = maybeRow(AnnotationRow)
      const find: AnnotationListsRepo["Service"]["find"] = (tenantId, annotationId) =>
        Effect.map(
          found(sql`${annotations} where a.tenant_id = ${tenantId} and a.id = ${annotationId}`),
          Option.map(toAnnotation)
        )

      const isCopied = sql`exists (select 1 from annotations c where c.app_id = a.app_id and c.tenant_id = a.tenant_id
        and c.question_key = a.question_key and c.id <> a.id)`
      const conditionOf = ({ duplicated, text, unused }: AnnotationFilter) =>
        sql.and([
          sql`true`,
          ...(text === undefined ? [] : [
            sql`(strpos(lower(a.question), lower(${text})) > 0 or strpos(lower(a.answer), lower(${text})) > 0)`
          ]),
          ...(duplicated === undefined ? [] : [duplicated ? isCopied : sql`not ${isCopied}`]),
          ...(unused === undefined ? [] : [sql`(a.hits = 0) = ${unused}`])
        ])

      /** The ids of a page and one more: a filtered list is gone through a window at a time, so that no statement takes long. */
      const looked = rows(Schema.Struct({ id: AnnotationId, fits: Schema.Boolean }))
      const idsOf = Effect.fnUntraced(function*(
        tenantId: TenantId,
        appId: AppId,
        { filter, from, wanted }: {
          readonly filter: AnnotationFilter
          readonly from: AnnotationId | undefined
          readonly wanted: number
        }
      ) {
        const isFiltered = Object.values(filter).some((value) => value !== undefined)
        const size = isFiltered ? windowSize : wanted
        const ids: Array<AnnotationId> = []
        let after = from
        for (;;) {
          const window = yield* looked(sql`select a.id, ${conditionOf(filter)} as fits from (
              select * from annotations where app_id = ${appId} and tenant_id = ${tenantId}
                ${after === undefined ? sql`` : sql`and id < ${after}`}
              order by id desc limit ${size}
            ) a order by a.id desc`)
          ids.push(...window.filter(({ fits }) => fits).map(({ id }) => id))
          if (window.length < size || ids.length >= wanted) return ids.slice(0, wanted)
          after = window.at(-1)!.id
        }
      })

      const many = rows(AnnotationRow)
      const list: AnnotationListsRepo["Service"]["list"] = Effect.fn("AnnotationListsRepo.list")(
        function*(tenantId, appId, { cursor, limit = 50, ...filter }) {
          const after = decodeCursor(listOrder, cursor)
          if (Option.isNone(after)) return Option.none()
          const ids = yield* idsOf(tenantId, appId, { filter, from: after.value?.[0], wanted: limit + 1 })
          const shown = ids.slice(0, limit)
          const items = yield* many(sql`${annotations}
            where a.tenant_id = ${tenantId} and a.id = any(${shown}::uuid[]) order by a.id desc`)
          const last = shown.at(-1)
          return Option.some({
            items: items.map(toAnnotation),
            ...(ids.length > limit && last && { next: encodeCursor(listOrder, [last]) })
          })
        }
      )

      return AnnotationListsRepo.of({ find, list })
    })
  )
}
