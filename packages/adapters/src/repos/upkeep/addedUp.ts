import type { SqlClient, Statement } from "effect/sql"
import { json } from "../rows.ts"

/** A `jsonb` object of numbers with others added to it, name by name. Names without any are left out. */
export const addedUp = (
  sql: SqlClient.SqlClient,
  before: Statement.Fragment,
  more: Readonly<Record<string, number>>
) => {
  const some = Object.fromEntries(Object.entries(more).filter(([, count]) => count !== 0))
  return sql`(select coalesce(jsonb_object_agg(name, total), '{}') from (
    select name, sum(count::numeric) as total from (
      select key as name, value as count from jsonb_each_text(${before})
      union all select key, value from jsonb_each_text(${json(some)}::jsonb)
    ) parts group by name) sums)`
}
