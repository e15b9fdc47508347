import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { DocumentId, SyncItemId } from "@sheaf/domain/ids"
import { RunState } from "@sheaf/domain/runs/Run"
import type { KnownItem } from "@sheaf/domain/syncs/lookAt"
import { Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"

/** An item as the database has it, with how its document stands. */
export const KnownRow = Schema.Struct({
  id: SyncItemId,
  externalId: Schema.String,
  parentId: Schema.NullOr(Schema.String),
  title: Schema.String,
  state: Schema.Literals(["present", "unreachable", "gone"]),
  paused: Schema.Boolean,
  hidden: Schema.NullOr(Schema.Literals(["archive", "disable"])),
  contentHash: Schema.NullOr(Schema.String),
  editedAt: Schema.NullOr(Schema.Date),
  fetchedAt: Schema.NullOr(Schema.Date),
  fields: Schema.Array(Schema.String),
  databases: Schema.Array(Schema.String),
  documentId: Schema.NullOr(DocumentId),
  servedHash: Schema.NullOr(Schema.String),
  newestHash: Schema.NullOr(Schema.String),
  runState: Schema.NullOr(RunState),
  runPaused: Schema.NullOr(Schema.Boolean),
  runCause: Schema.NullOr(FailureCause)
})

/** An item with what decides whether it is looked at. */
export interface Known extends KnownItem {
  readonly id: SyncItemId
  readonly externalId: string
  readonly parentId: string | null
  readonly title: string
  readonly hidden: "archive" | "disable" | null
  /** Metadata that came from there. */
  readonly fields: ReadonlyArray<string>
  /** Those that were found in it. */
  readonly databases: ReadonlyArray<string>
  readonly documentId: DocumentId | null
}

export const toKnown = (
  { documentId, newestHash, runCause, runPaused, runState, servedHash, ...row }: typeof KnownRow.Type
): Known => ({
  ...row,
  documentId,
  document: documentId === null || newestHash === null ? null : {
    servedHash,
    newestHash,
    run: runState === null ? null : { state: runState, paused: runPaused === true, cause: runCause }
  }
})

/** Items `i` with the documents that they have, and those documents' published and newest runs. */
export const knownTables = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`sync_items i
    left join documents d on d.tenant_id = i.tenant_id and d.id = i.document_id and not d.deleting
    left join runs p on p.tenant_id = d.tenant_id and p.id = d.published_run_id
    left join runs r on r.tenant_id = d.tenant_id and r.id = d.latest_run_id`

/** Of the bytes that the published version was made of. */
const servedHash = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`case when p.id is not null then coalesce(p.content ->> 'contentHash', d.content_hash) end`

export const knownColumns = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`i.id, i.external_id, i.parent_id, i.title, i.state, i.paused, i.hidden, i.content_hash, i.edited_at, i.fetched_at,
    i.fields, i.databases, d.id as document_id, ${servedHash(sql)} as served_hash, d.content_hash as newest_hash,
    r.state as run_state, r.paused as run_paused, r.cause as run_cause`

/** Whether the document serves what was read last. */
export const serves = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`(i.content_hash is not null and ${servedHash(sql)} = i.content_hash and d.content_hash = i.content_hash) is true`
