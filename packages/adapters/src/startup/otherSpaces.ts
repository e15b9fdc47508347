import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Embedder } from "../embedding/Embedder.ts"
import { rows } from "../repos/rows.ts"

const Row = Schema.Struct({ model: Schema.String, datasets: Schema.Int, names: Schema.Array(Schema.String) })

/** As many names as are said. */
const shown = 5

/**
 * What to say of datasets, of all tenants, that were made in another space than the embedder's: what they hold cannot be compared with
 * what it makes.
 */
export const otherSpaces = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { space } = yield* Embedder
  const found = yield* rows(Row)(sql`
    select coalesce(sp.descriptor ->> 'model', ds.space_id) as model, count(*)::int as datasets,
      (array_agg(ds.name order by ds.created_at))[1:${sql.literal(String(shown))}] as names
    from datasets ds join spaces sp on sp.tenant_id = ds.tenant_id and sp.id = ds.space_id
    where ds.space_id <> ${space.id} group by 1 order by 2 desc`)
  return found.map(({ datasets, model, names }) => {
    const named = names.map((name) => `"${name}"`).join(", ") + (datasets > names.length ? " and others" : "")
    return `${
      datasets === 1 ? "One dataset was" : `${datasets} datasets were`
    } made with ${model} (${named}), but the embedder makes ` +
      `vectors of ${space.model}: new documents there wait. Configure the embedder that they were made with.`
  })
})
