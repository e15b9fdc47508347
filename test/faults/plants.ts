import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Production } from "../support/production/Production.ts"

// Defects of our own: whoever judges an installation has to find each of them.

export type Plant = (
  production: Production,
  datasetId: string
) => Effect.Effect<void, SqlError, SqlClient.SqlClient>

/** A line of an export with whatever is in it. */
type Line = Readonly<Record<string, unknown>> & { readonly id: string; readonly vector?: ReadonlyArray<number> }

/** Changes one entry of the dataset in the search engine. */
const changeEntry = (change: (line: Line) => Line): Plant => ({ search: { apiKey, url } }, datasetId) =>
  Effect.promise(async () => {
    const headers = { "x-typesense-api-key": apiKey }
    const names: ReadonlyArray<{ readonly name: string }> = JSON.parse(
      await (await fetch(`${url}/collections`, { headers })).text()
    )
    for (const { name } of names) {
      const lines = (await (await fetch(`${url}/collections/${name}/documents/export`, { headers })).text()).split("\n")
      const line = lines.find((line) => line.includes(`"${datasetId.replaceAll("-", "")}"`))
      if (line === undefined) continue
      const response = await fetch(`${url}/collections/${name}/documents/import?action=upsert`, {
        method: "POST",
        headers,
        body: JSON.stringify(change(JSON.parse(line)))
      })
      const answer = await response.text()
      if (!answer.includes("\"success\":true")) throw new Error(`nothing was planted: ${answer}`)
      return
    }
    throw new Error("there is nothing to plant on")
  })

const statement =
  (run: (sql: SqlClient.SqlClient, datasetId: string) => Effect.Effect<unknown, SqlError>): Plant => (_, datasetId) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.asVoid(run(sql, datasetId)))

export const plants = {
  /** A segment falls out of a published version. */
  lost: statement((sql, datasetId) =>
    sql`delete from run_segments m using runs r where r.tenant_id = m.tenant_id and r.id = m.run_id and m.ordinal = 0
      and r.id = (select published_run_id from documents where dataset_id = ${datasetId}::uuid order by name limit 1)`
  ),
  /** A publication is told twice. */
  duplicate: statement((sql, datasetId) =>
    sql`insert into events (tenant_id, id, dataset_id, document_id, body)
      select tenant_id, gen_random_uuid(), dataset_id, document_id, body from events
      where dataset_id = ${datasetId}::uuid and body ->> '_tag' = 'DocumentPublished' limit 1`
  ),
  /** An entry of a segment that nobody knows. */
  orphan: changeEntry((line) => ({ ...line, id: line.id.slice(0, 32) + "0".repeat(32) })),
  /** A counter is one off. */
  drift: statement((sql, datasetId) =>
    sql`insert into dataset_counter_deltas (tenant_id, dataset_id, documents, segments, tokens, bytes)
      select tenant_id, id, 0, 1, 0, 0 from datasets where id = ${datasetId}::uuid`
  ),
  /** The index has another vector than the text. */
  stale: changeEntry((line) => ({ ...line, vector: (line.vector ?? []).map((x) => -x) }))
} satisfies Record<string, Plant>
