import type { DocumentFilter } from "@sheaf/domain/documents/ListFilter"
import type { SqlClient, Statement } from "effect/sql"
import { filterSql } from "../../sql/filterSql.ts"
import { statusCondition } from "./statusCondition.ts"

/** The fields of a document that a metadata filter can name, as jsonb; null where there is none. */
const fieldOf = (sql: SqlClient.SqlClient) => (field: string): Statement.Fragment => {
  switch (field) {
    case "$name":
      return sql`to_jsonb(d.name)`
    case "$mediaType":
      return sql`to_jsonb(d.media_type)`
    case "$documentId":
      return sql`to_jsonb(d.id::text)`
    case "$createdAt":
      return sql`to_jsonb(to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`
    default:
      return sql`(d.metadata -> ${field}::text)`
  }
}

/** The suffix of a document's name, as `suffixOf` finds it. */
export const suffixSql = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`lower(substring(d.name from '.[.]([A-Za-z0-9]{1,16})$'))`

/** A filter as a condition over `documents d left join runs r` (the newest run). Every value is a parameter. */
export const documentCondition = (sql: SqlClient.SqlClient, filter: DocumentFilter): Statement.Fragment => {
  const { actor, attachedTo, createdAt, mediaType, metadata, name, status, suffix, updatedAt } = filter
  const conditions = [
    status === undefined ? sql`not d.deleting` : statusCondition(sql, status),
    ...(name === undefined ? [] : [sql`position(lower(${name}::text) in lower(d.name)) > 0`]),
    ...(attachedTo === undefined
      ? []
      : [attachedTo === null ? sql`d.parent_id is null` : sql`d.parent_id = ${attachedTo}`]),
    ...(mediaType === undefined ? [] : [sql`d.media_type = any(${[...mediaType]}::text[])`]),
    ...(suffix === undefined
      ? []
      : [sql`${suffixSql(sql)} = any(${suffix.map((one) => one.toLowerCase())}::text[])`]),
    ...(actor === undefined
      ? []
      : [
        sql`(lower(${actor}::text) = d.created_by ->> 'keyId' or ${actor}::text = d.created_by #>> '{onBehalfOf,id}')`
      ]),
    ...(metadata === undefined ? [] : [filterSql(sql, fieldOf(sql), metadata)]),
    ...between(sql, sql`d.created_at`, createdAt),
    ...between(sql, sql`d.updated_at`, updatedAt)
  ]
  return sql.and(conditions)
}

const between = (
  sql: SqlClient.SqlClient,
  column: Statement.Fragment,
  bounds: DocumentFilter["createdAt"]
): ReadonlyArray<Statement.Fragment> => [
  ...(bounds?.from === undefined ? [] : [sql`${column} >= ${bounds.from.toISOString()}::timestamptz`]),
  ...(bounds?.before === undefined ? [] : [sql`${column} < ${bounds.before.toISOString()}::timestamptz`])
]
