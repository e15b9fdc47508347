import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { madeSpace } from "./space.ts"

const space = madeSpace(4)

/**
 * A dataset of so many documents, each with a run and two units, written by SQL: nine in ten are published, the others failed or are
 * at work; names, sizes, types and times are mixed. A thousand in a statement.
 */
export const insertDocuments = Effect.fnUntraced(function*(caller: Caller, documents: number) {
  const datasets = yield* DatasetsRepo
  const sql = yield* SqlClient.SqlClient
  const { tenantId } = caller
  const datasetId = yield* datasets.insert(caller, space, {
    name: "bench",
    description: "",
    chunking: { method: "general" },
    permission: "tenant"
  }).pipe(Effect.flatMap(Effect.fromOption))
  const actor = JSON.stringify(caller.actor)
  const config = JSON.stringify({ space, chunking: { method: "general" }, lane: "bulk" })
  const analyze = Effect.forEach(["documents", "runs", "work_units"], (table) => sql`vacuum analyze ${sql(table)}`, {
    discard: true
  })
  for (let from = 0; from < documents; from += 1_000) {
    const to = Math.min(documents, from + 1_000) - 1
    const numbers = sql`generate_series(${from}::int, ${to}::int) n
      cross join lateral (select overlay(overlay(md5('document ' || n) placing '4' from 13) placing '8' from 17)::uuid as id,
        overlay(overlay(md5('run ' || n) placing '4' from 13) placing '8' from 17)::uuid as run_id,
        case n % 20 when 0 then 'failed' when 1 then 'embedding' else 'published' end as state,
        now() - make_interval(secs => (n::bigint * 104729) % 1000003) as created_at) made`
    yield* sql.withTransaction(Effect.gen(function*() {
      // The runs may come later in the transaction.
      yield* sql`insert into documents (tenant_id, dataset_id, id, name, media_type, size, content_hash, metadata, pages,
          segments, tokens, created_by, created_at, updated_at, latest_run_id, published_run_id)
        select ${tenantId}::uuid, ${datasetId}::uuid, id, md5(n::text) || case n % 3 when 0 then '.pdf' else '.txt' end,
          case n % 3 when 0 then 'application/pdf' else 'text/plain' end, (n::bigint * 7919) % 1000003,
          lpad(to_hex(n), 64, '0'), jsonb_build_object('year', 2000 + n % 25, 'author', 'author ' || n % 40), 3, 4, 900,
          ${actor}::jsonb, created_at, now() - make_interval(secs => (n::bigint * 15485863) % 1000003), run_id,
          case state when 'published' then run_id end
        from ${numbers}`
      yield* sql`insert into runs (tenant_id, dataset_id, document_id, id, number, state, config, created_by, cause,
          started_at, finished_at, elapsed_ms)
        select ${tenantId}::uuid, ${datasetId}::uuid, id, run_id, 1, state, ${config}::jsonb, ${actor}::jsonb,
          case state when 'failed' then '{"_tag": "Empty"}'::jsonb end, created_at, created_at + interval '3 seconds', 100
        from ${numbers}`
      yield* sql`insert into work_units (tenant_id, run_id, id, stage, ordinal, weight, spec, state, elapsed_ms)
        select ${tenantId}::uuid, run_id, gen_random_uuid(), stage, 0, 4, '{}', 'done', 20
        from ${numbers} cross join unnest(array['parse', 'embed']) stage`
    }))
    // Plans that are made while nobody has counted the rows look through all of them for each new one.
    if (from % 20_000 === 0) yield* analyze
  }
  yield* analyze
  return datasetId
})
