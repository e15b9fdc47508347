import type { Condition, Filter } from "@sheaf/domain/search/Filter"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import { storable } from "./storable.ts"

type Scalar = string | number | boolean

const operators = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const

const jsonOf = (value: Scalar | ReadonlyArray<Scalar>): string =>
  JSON.stringify(value, (_, item: unknown) => typeof item === "string" ? storable(item) : item)

/**
 * A filter as a condition on the fields that `valueOf` gives as jsonb, null where there is none; every value is a parameter. Each
 * condition is true or false, never unknown (a missing field makes it false), so `not` means what it says.
 */
export const filterSql = (
  sql: SqlClient.SqlClient,
  valueOf: (field: string) => Fragment,
  filter: Filter
): Fragment => {
  const compile = (filter: Filter): Fragment => {
    if ("and" in filter) return sql.and(filter.and.map(compile))
    if ("or" in filter) return sql.or(filter.or.map(compile))
    if ("not" in filter) return sql`(not ${compile(filter.not)})`
    return sql`coalesce(${condition(filter)}, false)`
  }

  const condition = (filter: Condition): Fragment => {
    const value = valueOf(filter.field)
    if ("eq" in filter) return sql`${value} = ${jsonOf(filter.eq)}::jsonb`
    if ("in" in filter) return sql`${jsonOf(filter.in)}::jsonb @> jsonb_build_array(${value})`
    if ("contains" in filter) {
      return sql`(jsonb_typeof(${value}) = 'array' and ${value} @> ${jsonOf([filter.contains])}::jsonb)`
    }
    if ("exists" in filter) return sql`(${value} is not null) = ${filter.exists}`
    const bounds = (["gt", "gte", "lt", "lte"] as const).flatMap((name) => {
      const bound = filter[name]
      return bound === undefined ? [] : [compared(filter.field, operators[name], bound)]
    })
    return sql.and(bounds)
  }

  const compared = (field: string, operator: string, bound: string | number): Fragment => {
    const value = valueOf(field)
    const text = sql`(${value} #>> '{}')`
    // `case`, because nothing else keeps Postgres from casting before it has looked at the type.
    return typeof bound === "number"
      ? sql`(case when jsonb_typeof(${value}) = 'number'
          then ${text}::numeric ${sql.literal(operator)} ${String(bound)}::numeric else false end)`
      : sql`(case when jsonb_typeof(${value}) = 'string'
          then ${text} collate "C" ${sql.literal(operator)} ${storable(bound)}::text else false end)`
  }

  return compile(filter)
}
