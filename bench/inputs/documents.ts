import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { makeSpace } from "@sheaf/adapters/embedding/makeSpace"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const space = makeSpace({
  provider: "bench",
  model: "made",
  revision: "1",
  dimension: 4,
  queryPrefix: "",
  documentPrefix: "",
  normalised: true,
  tokenizer: "none",
  maxTokens: 512,
  languages: null,
  vectorWeight: 0.2,
  cosineFloor: 0.2
})

/**
 * A dataset of so many documents, each with a run and five units, written by SQL: nine in ten are published, the others failed or are
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
  for (let from = 0; from < documents; from += 1_000) {
    const to = Math.min(documents, from + 1_000) - 1
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`insert into documents (tenant_id, dataset_id, id, name, media_type, size, content_hash, metadata, pages,
          segments, tokens, created_by, created_at, updated_at)
        select ${tenantId}::uuid, ${datasetId}::uuid, gen_random_uuid(), md5(n::text) || case n % 3 when 0 then '.pdf' else '.txt' end,
          case n % 3 when 0 then 'application/pdf' else 'text/plain' end, (n::bigint * 7919) % 1000003, lpad(to_hex(n), 64, '0'),
          jsonb_build_object('year', 2000 + n % 25, 'author', 'author ' || n % 40), 3, 4, 900, ${actor}::jsonb,
          now() - make_interval(secs => (n::bigint * 104729) % 1000003), now() - make_interval(secs => (n::bigint * 15485863) % 1000003)
        from generate_series(${from}::int, ${to}::int) n`
      yield* sql`insert into runs (tenant_id, dataset_id, document_id, id, number, state, config, created_by, cause,
          started_at, finished_at, elapsed_ms)
        select tenant_id, dataset_id, id, gen_random_uuid(), 1,
          case size % 20 when 0 then 'failed' when 1 then 'embedding' else 'published' end, ${config}::jsonb,
          created_by, case size % 20 when 0 then '{"_tag": "Empty"}'::jsonb end, created_at, updated_at, 100
        from documents where tenant_id = ${tenantId} and latest_run_id is null`
      yield* sql`insert into work_units (tenant_id, run_id, id, stage, ordinal, weight, spec, state, elapsed_ms)
        select r.tenant_id, r.id, gen_random_uuid(), stage, 0, 4, '{}', 'done', 20
        from documents d join runs r on r.tenant_id = d.tenant_id and r.document_id = d.id
        cross join unnest(array['parse', 'chunk', 'embed', 'index', 'publish']) stage
        where d.tenant_id = ${tenantId} and d.latest_run_id is null`
      yield* sql`update documents d set latest_run_id = r.id, published_run_id = case r.state when 'published' then r.id end
        from runs r where r.tenant_id = d.tenant_id and r.document_id = d.id and d.tenant_id = ${tenantId}
          and d.latest_run_id is null`
    }))
  }
  yield* sql`vacuum analyze documents`
  yield* sql`vacuum analyze runs`
  yield* sql`vacuum analyze work_units`
  return datasetId
})
