import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Counters, DocumentRow, Evidence, Member, RunRow, SegmentRow } from "./Evidence.ts"

/** Everything that the tables say about one dataset, with statements of our own. */
export const readDatabase = Effect.fn("faults.readDatabase")(function*(datasetId: string) {
  const sql = yield* SqlClient.SqlClient
  const count = (rows: ReadonlyArray<{ readonly count: number }>) => rows[0]?.count ?? 0
  const documents = yield* sql<DocumentRow>`select id, dataset_id, name, size::float8 as size, content_hash,
      published_run_id, latest_run_id, segments
    from documents where dataset_id = ${datasetId}::uuid`
  const runs = yield* sql<RunRow>`select id, document_id, state from runs where dataset_id = ${datasetId}::uuid`
  const members = yield* sql<Member>`select m.run_id, m.ordinal, m.segment_id from run_segments m
    join runs r on r.tenant_id = m.tenant_id and r.id = m.run_id where r.dataset_id = ${datasetId}::uuid`
  const segments = yield* sql<SegmentRow>`select s.id, s.document_id, s.dataset_id, s.text, s.tokens, s.index_state,
      replace(encode(v.vector, 'base64'), E'\n', '') as vector
    from segments s left join vectors v
      on v.tenant_id = s.tenant_id and v.space_id = s.space_id and v.text_hash = s.text_hash
    where s.dataset_id = ${datasetId}::uuid`
  const publications = yield* sql<{ readonly runId: string }>`select body ->> 'runId' as run_id from events
    where dataset_id = ${datasetId}::uuid and body ->> '_tag' = 'DocumentPublished'`
  const counters = yield* sql<
    Counters
  >`select dataset_id, sum(documents)::int as documents, sum(segments)::int as segments,
      sum(tokens)::float8 as tokens, sum(bytes)::float8 as bytes
    from (select dataset_id, documents, segments, tokens, bytes from dataset_counters
      union all select dataset_id, documents, segments, tokens, bytes from dataset_counter_deltas) c
    where dataset_id = ${datasetId}::uuid group by dataset_id`
  const uploads = yield* sql<{ readonly id: string }>`select document_id as id from uploads
    where dataset_id = ${datasetId}::uuid and answer is null and expires_at > now()`
  const owed = yield* sql<{ readonly count: number }>`select count(*)::int as count from jobs
    where payload ->> 'datasetId' = ${datasetId}`
  const open = yield* sql<{ readonly count: number }>`select count(*)::int as count from work_units w
    join runs r on r.tenant_id = w.tenant_id and r.id = w.run_id
    where r.dataset_id = ${datasetId}::uuid and w.state <> 'done'`
  return {
    documents,
    runs,
    members,
    segments,
    publications: publications.map(({ runId }) => runId),
    counters,
    openUploads: uploads.map(({ id }) => id),
    owedJobs: count(owed),
    openUnits: count(open)
  } satisfies Omit<Evidence, "entries" | "blobs">
})
