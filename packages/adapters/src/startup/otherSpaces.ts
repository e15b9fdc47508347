import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { embedders } from "../embedding/Embedders.ts"
import { rows } from "../repos/rows.ts"

const Row = Schema.Struct({ model: Schema.String, datasets: Schema.Int, names: Schema.Array(Schema.String) })

/** As many names as are said. */
const shown = 5

/** What to say of datasets, of all tenants, in spaces that no embedder of this process makes vectors of. */
export const otherSpaces = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { all, own: { space } } = yield* embedders
  const found = yield* rows(Row)(sql`
    select coalesce(sp.descriptor ->> 'model', ds.space_id) as model, count(*)::int as datasets,
      (array_agg(ds.name order by ds.created_at))[1:${sql.literal(String(shown))}] as names
    from datasets ds join spaces sp on sp.tenant_id = ds.tenant_id and sp.id = ds.space_id
    where ds.space_id <> all(${all.map(({ space }) => space.id)}::text[]) group by 1 order by 2 desc`)
  return found.map(({ datasets, model, names }) => {
    const named = names.map((name) => `"${name}"`).join(", ") + (datasets > names.length ? " and others" : "")
    return `${
      datasets === 1 ? "One dataset was" : `${datasets} datasets were`
    } made with ${model} (${named}), but the embedder makes ` +
      `vectors of ${space.model}: they are searched by words alone, and new documents wait. Move them with ` +
      "`sheaf datasets change-space`, and set SHEAF_EMBEDDER_PREVIOUS to the embedder that they were made with until then."
  })
})
