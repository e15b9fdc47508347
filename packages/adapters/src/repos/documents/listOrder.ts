import type { DocumentSort, SortOrder } from "@sheaf/domain/documents/ListsRpcs"
import { DocumentId, type PageCursor } from "@sheaf/domain/ids"
import { Option, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { CursorInstant, CursorText, decodeCursor, encodeCursor } from "../pageCursor.ts"

/** A place in a list: the value that it is sorted by, as text, and the document there. */
export interface Place {
  readonly position: string
  readonly id: DocumentId
}

/** How a list is sorted, in SQL over `documents d`, each by an index of its own, and where its cursors point. */
export interface ListOrder {
  /** With all its digits. */
  readonly position: Statement.Fragment
  readonly orderBy: Statement.Fragment
  /** Behind a place. */
  readonly after: (place: Place) => Statement.Fragment
  /** `Some(undefined)` without a cursor, `None` for one of another list. */
  readonly decode: (cursor: PageCursor | undefined) => Option.Option<Place | undefined>
  readonly encode: (place: Place) => PageCursor
}

const instant = (sql: SqlClient.SqlClient, column: Statement.Fragment) => ({
  value: CursorInstant,
  column,
  position: sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'`,
  bound: (text: string) => sql`${text}::timestamptz`
})

const sorts = (sql: SqlClient.SqlClient) =>
  ({
    createdAt: instant(sql, sql`d.created_at`),
    updatedAt: instant(sql, sql`d.updated_at`),
    name: {
      value: CursorText,
      column: sql`lower(d.name) collate "C"`,
      position: sql`lower(d.name)`,
      bound: (text: string) => sql`${text}::text collate "C"`
    },
    size: {
      value: Schema.String.check(Schema.isPattern(/^\d{1,15}$/)),
      column: sql`d.size`,
      position: sql`d.size::text`,
      bound: (text: string) => sql`${text}::text::bigint`
    }
  }) as const

export const listOrder = (sql: SqlClient.SqlClient, sort: DocumentSort, order: SortOrder): ListOrder => {
  const { bound, column, position, value } = sorts(sql)[sort]
  const direction = sql.literal(order)
  const Position = Schema.Tuple([Schema.Literal(sort), Schema.Literal(order), value, DocumentId])
  return {
    position,
    orderBy: sql`${column} ${direction}, d.id ${direction}`,
    after: (place) =>
      sql`(${column}, d.id) ${sql.literal(order === "asc" ? ">" : "<")} (${bound(place.position)}, ${place.id}::uuid)`,
    decode: (cursor) =>
      Option.map(decodeCursor(Position, cursor), (found) => found && { position: found[2], id: found[3] }),
    encode: (place) => encodeCursor(Position, [sort, order, place.position, place.id])
  }
}
