/** Finished runs of a document that are kept, newest first. The published one is kept beside them. */
export const runsKept = 50

/**
 * What ends the rows of a table:
 *
 * - `installation`: nothing; there are few, and they say what there is or was
 * - `tenant`, `dataset`, `document`, `run`: the deletion of what they belong to
 * - `work`: the end of the work that they stand for
 * - `time`: a chore, after so long
 */
export interface Rule {
  readonly endsWith: "installation" | "tenant" | "dataset" | "document" | "run" | "work" | "time"
  /** For people. */
  readonly kept: string
}

const rule = (endsWith: Rule["endsWith"], kept: string): Rule => ({ endsWith, kept })

/** The rule of every table. A table without a line here fails a test that reads the catalogue. */
export const retention: Readonly<Record<string, Rule>> = {
  annotation_hits: rule("time", "90 days"),
  annotation_vectors: rule("work", "as long as their annotation and its question, in the spaces of its app"),
  annotations: rule("tenant", "as long as their app, or until they are deleted"),
  api_keys: rule("tenant", "as long as their tenant; revoked and expired ones too, because the audit log names them"),
  apps: rule("tenant", "until they are deleted"),
  assets: rule("document", "until no version of their document has them, nor a newer run; the bytes too"),
  audit_log: rule("time", "400 days (`SHEAF_AUDIT_KEPT`)"),
  connections: rule("tenant", "as long as their tenant; the token until it is revoked"),
  dataset_counter_deltas: rule("work", "until they are added to the totals, some seconds later"),
  dataset_counters: rule("dataset", "as long as their dataset"),
  datasets: rule("tenant", "until they are deleted"),
  deliveries: rule("time", "30 days after they are over, or as long as their webhook"),
  document_secrets: rule("document", "as long as their document"),
  documents: rule("dataset", "until they are deleted"),
  event_heads: rule("tenant", "as long as their tenant"),
  event_publications: rule("tenant", "as long as their tenant"),
  events: rule("time", "30 days"),
  hidden_segments: rule("document", "as long as their document, or until their text comes back"),
  idempotency_keys: rule("time", "24 hours"),
  import_rows: rule("time", "30 days after their import is over"),
  imports: rule("time", "30 days after they are over; their files until the rows are read"),
  ingest_events: rule("time", "30 days after they were decided"),
  jobs: rule("work", "until the work is done; given up ones for 90 days, or until a run of the document begins"),
  followed_events: rule("tenant", "as long as their tenant"),
  leases: rule("work", "as long as a process holds the chore; a day after that"),
  mail_subscriptions: rule("tenant", "until they are ended"),
  mails: rule("time", "30 days after they were sent, or given up"),
  operation_items: rule("time", "30 days after their operation is over"),
  operations: rule("time", "30 days after they are over"),
  pipeline_secrets: rule("tenant", "as long as their pipeline"),
  pipeline_versions: rule("tenant", "as long as their pipeline: runs name the version that they went through"),
  pipelines: rule("tenant", "until they are deleted"),
  query_log: rule("time", "30 days"),
  reconciliations: rule("time", "the newest 50 of a tenant"),
  run_assets: rule("run", "as long as their run, or until it is superseded and nobody else has the asset"),
  run_segments: rule("run", "as long as their run is published or being built"),
  runs: rule("document", `the newest ${runsKept} of a document, and the published one`),
  segment_changes: rule("document", "as long as their document, or until a run is told to discard them"),
  segments: rule("document", "until no version of their document holds them"),
  schema_migrations: rule("installation", "for good"),
  space_changes: rule("dataset", "as long as their dataset"),
  spaces: rule("tenant", "as long as their tenant"),
  sync_items: rule("dataset", "as long as their dataset follows them"),
  sync_results: rule("time", "30 days after their sync is over"),
  sync_sources: rule("dataset", "until they are deleted, or their dataset is"),
  syncs: rule("time", "30 days after they are over, or until their source is deleted"),
  tenant_tombstones: rule("installation", "for good: name, times and counts of what was deleted"),
  tenants: rule("installation", "until they are deleted"),
  uploads: rule("time", "24 hours; the bytes of an unfinished one go with it"),
  vectors: rule("tenant", "until the last segment of the tenant with their text is gone"),
  webhook_secrets: rule("tenant", "as long as their webhook, or until they sign no more after a rotation"),
  webhooks: rule("tenant", "until they are deleted"),
  work_units: rule("run", "as long as their run; what is open when it ends is cancelled")
}
