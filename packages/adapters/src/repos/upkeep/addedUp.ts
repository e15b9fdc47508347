import type { SqlClient, Statement } from "effect/sql"
import { json } from "../rows.ts"

type Counts = Readonly<Record<string, number>>

const some = (counts: Counts) => json(Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)))

/** A `jsonb` object of numbers with others added to it, name by name. Names without any are left out. */
export const addedUp = (sql: SqlClient.SqlClient, before: Statement.Fragment, more: Counts) =>
  sql`(select coalesce(jsonb_object_agg(name, total), '{}') from (
    select name, sum(count::numeric) as total from (
      select key as name, value as count from jsonb_each_text(${before})
      union all select key, value from jsonb_each_text(${some(more)}::jsonb)
    ) parts group by name) sums)`

/** A `jsonb` object of numbers, none of which is less than what was found now. */
export const atLeast = (sql: SqlClient.SqlClient, before: Statement.Fragment, found: Counts) =>
  sql`(select coalesce(jsonb_object_agg(name, most), '{}') from (
    select name, max(count::numeric) as most from (
      select key as name, value as count from jsonb_each_text(${before})
      union all select key, value from jsonb_each_text(${some(found)}::jsonb)
    ) parts group by name) mosts)`

/** `before` with as much of what was found added to it as `known` does not say yet. */
export const addedOnce = (
  sql: SqlClient.SqlClient,
  { before, known }: { readonly before: Statement.Fragment; readonly known: Statement.Fragment },
  found: Counts
) =>
  sql`(select coalesce(jsonb_object_agg(name, total), '{}') from (
    select name, sum(count) as total from (
      select key as name, value::numeric as count from jsonb_each_text(${before})
      union all select f.key, greatest(f.value::numeric - coalesce((${known} ->> f.key)::numeric, 0), 0)
        from jsonb_each_text(${some(found)}::jsonb) f
    ) parts group by name) sums)`
