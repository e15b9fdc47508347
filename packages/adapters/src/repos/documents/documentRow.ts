import { Document } from "@sheaf/domain/documents/Document"
import { statusOf } from "@sheaf/domain/documents/status"
import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, DocumentId, RunId } from "@sheaf/domain/ids"
import { Run } from "@sheaf/domain/runs/Run"
import { Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { runJson } from "../runs/RunsRepo.ts"

/** A document as it is read, wherever it is read from. */
export const DocumentRow = Schema.Struct({
  id: DocumentId,
  datasetId: DatasetId,
  parentId: Schema.NullOr(DocumentId),
  name: Schema.String,
  mediaType: Schema.NullOr(Schema.String),
  size: Schema.Finite,
  contentHash: Document.fields.contentHash,
  metadata: Document.fields.metadata,
  version: Schema.Int,
  enabled: Schema.Boolean,
  archived: Schema.Boolean,
  indexState: Document.fields.indexState,
  indexCause: Document.fields.indexCause,
  deleting: Schema.Boolean,
  publishedRunId: Schema.NullOr(RunId),
  run: Schema.NullOr(Run),
  pages: Schema.Int,
  segments: Schema.Int,
  tokens: Schema.Int,
  createdBy: Actor,
  createdAt: Schema.Date,
  updatedAt: Schema.Date
})

/** The columns of a row, over `documents d` and its newest run `r`; `run` is the SQL of the run in the form in which it travels. */
export const documentColumns = (
  sql: SqlClient.SqlClient,
  run: Statement.Fragment = runJson(sql)
): Statement.Fragment =>
  sql`d.id, d.dataset_id, d.parent_id, d.name, d.media_type, d.size::float8 as size, d.content_hash, d.metadata, d.version,
    d.enabled, d.archived, case when d.synced >= d.generation then 'in_sync' when d.index_cause is null then 'pending' else 'failed' end
      as index_state, d.index_cause, d.deleting, d.published_run_id, d.pages, d.segments, d.tokens, d.created_by, d.created_at,
    d.updated_at, case when r.id is null then null else ${run} end as run`

/** `documents d` with their datasets `ds` and newest runs `r`. */
export const documentTables = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`documents d
    join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
    left join runs r on r.tenant_id = d.tenant_id and r.id = d.latest_run_id`

/** The condition on `documents d` and `datasets ds` under which a caller may see a document. */
export const visibleDocuments = (sql: SqlClient.SqlClient, caller: Caller): Statement.Fragment =>
  sql`${visibleDatasets(sql, caller)} and d.tenant_id = ${caller.tenantId}`

export const toDocument = ({ deleting, ...row }: typeof DocumentRow.Type): Document =>
  new Document({
    ...row,
    status: statusOf({
      deleting,
      archived: row.archived,
      enabled: row.enabled,
      published: row.publishedRunId !== null,
      run: row.run === null
        ? null
        : { state: row.run.state, paused: row.run.paused, waiting: row.run.waitingFor !== null }
    })
  })
