import { DocumentProgress } from "@sheaf/domain/documents/Document"
import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { DocumentStatus } from "@sheaf/domain/documents/status"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { DocumentId, RunId, type TenantId } from "@sheaf/domain/ids"
import { RunState, StageProgress } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { oneRow, rows } from "../rows.ts"
import { workOf } from "../runs/RunsRepo.ts"
import { documentTables, visibleDocuments } from "./documentRow.ts"
import { statusSql } from "./statusCondition.ts"

const Row = Schema.Struct({
  documentId: DocumentId,
  status: DocumentStatus,
  runId: Schema.NullOr(RunId),
  revision: Schema.NullOr(Schema.Int),
  state: Schema.NullOr(RunState),
  since: Schema.NullOr(Schema.Date),
  waitingFor: Schema.NullOr(Schema.String),
  cause: Schema.NullOr(FailureCause),
  work: Schema.NullOr(Schema.Struct({
    progress: Schema.Array(StageProgress),
    timings: Schema.Record(Schema.String, Schema.Finite)
  })),
  pages: Schema.Int,
  segments: Schema.Int
})

/** One look at the work on documents, many at a time. */
export class ProgressRepo extends Context.Service<ProgressRepo, {
  /**
   * How the newest runs of documents stand, `null` before the first run. What a caller may not see is not among them; what is being
   * deleted is, as long as its row is there.
   */
  readonly look: (
    caller: Caller,
    documentIds: ReadonlyArray<DocumentId>
  ) => Effect.Effect<ReadonlyMap<DocumentId, DocumentProgress | null>>
  /** Whether it was deleted or is being deleted, by itself or with its dataset, whoever may see it. */
  readonly isGone: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/documents/ProgressRepo") {
  static readonly layer = Layer.effect(
    ProgressRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const many = rows(Row)
      const look: ProgressRepo["Service"]["look"] = (caller, documentIds) =>
        Effect.map(
          many(
            sql`select d.id as document_id, ${statusSql(sql)} as status, r.id as run_id, r.revision, r.state, r.since,
              r.waiting_for, r.cause, ${workOf(sql)} as work, d.pages, d.segments
            from ${documentTables(sql)}
            where ${visibleDocuments(sql, caller)} and d.id = any(${[...documentIds]}::uuid[])`
          ),
          (found) => new Map(found.map((row) => [row.documentId, progressOf(row)]))
        )

      const one = oneRow(Schema.Struct({ isGone: Schema.Boolean }))
      const isGone: ProgressRepo["Service"]["isGone"] = (tenantId, documentId) =>
        Effect.map(
          one(sql`select not exists(select from documents d
            join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
            where d.tenant_id = ${tenantId} and d.id = ${documentId} and not d.deleting and not ds.deleting) as is_gone`),
          (row) => row.isGone
        )

      return ProgressRepo.of({ look, isGone })
    })
  )
}

const progressOf = (row: typeof Row.Type): DocumentProgress | null => {
  const { cause, documentId, pages, revision, runId, segments, since, state, status, waitingFor, work } = row
  if (runId === null || revision === null || state === null || since === null || work === null) return null
  const { progress: stages, timings } = work
  return new DocumentProgress(
    { documentId, runId, revision, status, state, since, waitingFor, stages, cause, timings, pages, segments },
    // Decoded a moment ago.
    { disableChecks: true }
  )
}
