import { Actor } from "@sheaf/domain/edge/Caller"
import { AppId, DocumentId, ImportId } from "@sheaf/domain/ids"
import { Import } from "@sheaf/domain/imports/Import"
import { ImportKind, type ImportTarget } from "@sheaf/domain/imports/ImportTarget"
import { Schema } from "effect"
import type { SqlClient } from "effect/sql"

/** An import as its row has it. */
export const ImportRecord = Schema.Struct({
  id: ImportId,
  kind: ImportKind,
  targetId: Schema.String,
  name: Import.fields.name,
  ifExists: Import.fields.ifExists,
  reading: Import.fields.reading,
  state: Import.fields.state,
  failure: Import.fields.failure,
  size: Import.fields.size,
  total: Schema.Int,
  created: Schema.Int,
  overwritten: Schema.Int,
  skipped: Schema.Int,
  failed: Schema.Int,
  revision: Schema.Int,
  createdBy: Actor,
  createdAt: Schema.Date,
  finishedAt: Schema.NullOr(Schema.Date)
})
export type ImportRecord = typeof ImportRecord.Type

export const importColumns = (sql: SqlClient.SqlClient) =>
  sql`i.id, i.kind, i.target_id, i.name, i.if_exists, i.reading, i.state, i.failure, i.size, i.total, i.created,
    i.overwritten, i.skipped, i.failed, i.revision, i.created_by, i.created_at, i.finished_at`

const targetOf = ({ kind, targetId }: Pick<ImportRecord, "kind" | "targetId">): ImportTarget =>
  kind === "annotations" ? { appId: AppId.make(targetId) } : { documentId: DocumentId.make(targetId) }

export const targetIdOf = (target: ImportTarget): string => "appId" in target ? target.appId : target.documentId

export const toImport = ({ kind, targetId, ...record }: ImportRecord): Import =>
  new Import({
    ...record,
    target: targetOf({ kind, targetId }),
    pending: record.total - record.created - record.overwritten - record.skipped - record.failed
  })
