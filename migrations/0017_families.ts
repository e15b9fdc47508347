import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Segments that are read and not searched, and what is known of a segment by name. */
const statements = [
  // `searched`: has a vector and an entry in the index; what has not is a parent, found by its children. `cut_parent_id`: the parent that a
  // child was cut from, part of what it is; `parent_id` is the one that stands in its place now. `key`: what else tells a segment from
  // others of the same text. `fields`: such as the cells of a table's row.
  `alter table segments
    add column searched boolean not null default true,
    add column cut_parent_id uuid,
    add column key text,
    add column fields jsonb not null default '{}'`
]

export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})
