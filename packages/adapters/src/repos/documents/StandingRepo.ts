import { type DocumentStatus, statusOf } from "@sheaf/domain/documents/status"
import { DatasetId, DocumentId, RunId, type TenantId } from "@sheaf/domain/ids"
import { Run } from "@sheaf/domain/runs/Run"
import { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, json, maybeRow } from "../rows.ts"
import { runJson } from "../runs/RunsRepo.ts"

const Row = Schema.Struct({
  documentId: DocumentId,
  datasetId: DatasetId,
  enabled: Schema.Boolean,
  archived: Schema.Boolean,
  publishedRunId: Schema.NullOr(RunId),
  run: Schema.NullOr(Run),
  settings: RunSettings,
  edition: Schema.Int
})

/** How a document stands, whoever may see it: what decides whether an action fits. */
export interface Standing extends Omit<typeof Row.Type, "enabled" | "archived"> {
  readonly status: DocumentStatus
}

/** Documents as those see them who act on them; none that is on its way out, or whose dataset is. */
export class StandingRepo extends Context.Service<StandingRepo, {
  readonly find: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<Standing>>
  /** Within a transaction that holds the document. */
  readonly setSettings: (tenantId: TenantId, documentId: DocumentId, settings: RunSettings) => Effect.Effect<void>
  /** From now on everything is parsed again, once. Within a transaction that holds the document. */
  readonly nextEdition: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/documents/StandingRepo") {
  static readonly layer = Layer.effect(
    StandingRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = maybeRow(Row)
      const find: StandingRepo["Service"]["find"] = (tenantId, documentId) =>
        Effect.map(
          found(sql`select d.id as document_id, d.dataset_id, d.enabled, d.archived, d.published_run_id, d.settings,
              d.edition, case when r.id is null then null else ${runJson(sql)} end as run
            from documents d
            join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id and not ds.deleting
            left join runs r on r.tenant_id = d.tenant_id and r.id = d.latest_run_id
            where d.tenant_id = ${tenantId} and d.id = ${documentId} and not d.deleting`),
          Option.map(standingOf)
        )
      return StandingRepo.of({
        find,
        setSettings: (tenantId, documentId, settings) =>
          done(sql`update documents set settings = ${json(settings)}::jsonb, updated_at = now()
            where tenant_id = ${tenantId} and id = ${documentId}`),
        nextEdition: (tenantId, documentId) =>
          done(sql`update documents set edition = edition + 1 where tenant_id = ${tenantId} and id = ${documentId}`)
      })
    })
  )
}

const standingOf = ({ archived, enabled, ...row }: typeof Row.Type): Standing => ({
  ...row,
  status: statusOf({
    deleting: false,
    archived,
    enabled,
    published: row.publishedRunId !== null,
    run: row.run === null
      ? null
      : { state: row.run.state, paused: row.run.paused, waiting: row.run.waitingFor !== null }
  })
})
