import { NodeRuntime } from "@effect/platform-node"
import * as Pglite from "@sheaf/adapters/sql/pglite"
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { writeSync } from "node:fs"

// `inserter.ts HOME`: inserts rows into `acknowledged` for ever, in transactions of two, four at a time; says each number once it
// is committed.
const [home = ""] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const sql = yield* SqlClient
  yield* sql`create table if not exists acknowledged (id int, half int, padding text)`
  const first = yield* sql`select coalesce(max(id), 0)::int as last from acknowledged`
  let next = Number(first[0]!["last"])
  const insert = Effect.gen(function*() {
    const id = ++next
    yield* sql.withTransaction(
      Effect.forEach([1, 2], (half) => sql`insert into acknowledged values (${id}, ${half}, repeat('x', 500))`)
    )
    writeSync(1, `${id}\n`)
  })
  yield* Effect.all(Array.from({ length: 4 }, () => Effect.forever(insert)), { concurrency: "unbounded" })
}).pipe(Effect.provide(Pglite.layer({ home })))

NodeRuntime.runMain(program)
