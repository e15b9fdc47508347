import { Metadata } from "@sheaf/domain/documents/Metadata"
import { Actor } from "@sheaf/domain/edge/Caller"
import { DocumentId, type RunId, Sha256, type TenantId } from "@sheaf/domain/ids"
import type { RunWarning } from "@sheaf/domain/runs/Run"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

/** A file within a document, that is or is to become a document itself. */
export const Attachment = Schema.Struct({
  hash: Sha256,
  name: Schema.NullOr(Schema.String),
  mediaType: Schema.String,
  size: Schema.Finite,
  /** Whether there is a document of it. */
  accepted: Schema.Boolean
})
export type Attachment = typeof Attachment.Type

/** What a document hands down to what is attached to it. */
export const Parent = Schema.Struct({
  metadata: Metadata,
  /** Whoever began the run. */
  actor: Actor,
  /** How many documents it is itself attached to, one within the other. */
  depth: Schema.Int
})
export type Parent = typeof Parent.Type

interface OfRun {
  readonly documentId: DocumentId
  readonly runId: RunId
}

/** Files that are attached to documents, and the documents that they have become. */
export class AttachmentsRepo extends Context.Service<AttachmentsRepo, {
  /** Whether a version has any. */
  readonly has: (tenantId: TenantId, run: OfRun) => Effect.Effect<boolean>
  /** Up to `limit` of a version, in the order of their hashes. Pictures are none: they are looked at, not read. */
  readonly ofRun: (tenantId: TenantId, run: OfRun, limit: number) => Effect.Effect<ReadonlyArray<Attachment>>
  /** `None`: the document is gone, or on its way out. */
  readonly parent: (tenantId: TenantId, run: OfRun) => Effect.Effect<Option.Option<Parent>>
  /** Whether there is a document of an asset. Reliable under the lock of the document that has the asset. */
  readonly isAccepted: (tenantId: TenantId, documentId: DocumentId, asset: Sha256) => Effect.Effect<boolean>
  /** Documents that were attached to one, but for those on their way out. */
  readonly childrenOf: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<ReadonlyArray<DocumentId>>
  /** Says of a published version what became of none of its attachments, beside what was said of it before. */
  readonly warn: (tenantId: TenantId, runId: RunId, warnings: ReadonlyArray<RunWarning>) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/documents/AttachmentsRepo") {
  static readonly layer = Layer.effect(
    AttachmentsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      /** Assets of a document (alias `a`) that a version names as attached files. */
      const attached = (tenantId: TenantId, { documentId, runId }: OfRun): Statement.Fragment =>
        sql`a.tenant_id = ${tenantId} and a.document_id = ${documentId} and a.media_type not like 'image/%' and a.hash in (
          select ref ->> 'hash' from run_segments rs cross join lateral jsonb_array_elements(rs.assets) ref
          where rs.tenant_id = ${tenantId} and rs.run_id = ${runId} and ref ->> 'role' = 'attachment')`
      const child = (tenantId: TenantId, documentId: DocumentId, asset: Statement.Fragment): Statement.Fragment =>
        sql`exists (select from documents c where c.tenant_id = ${tenantId} and c.parent_id = ${documentId}
          and c.attached_as = ${asset} and not c.deleting)`

      const there = oneRow(Schema.Struct({ isThere: Schema.Boolean }))
      const has: AttachmentsRepo["Service"]["has"] = (tenantId, run) =>
        Effect.map(
          there(sql`select exists (select from assets a where ${attached(tenantId, run)}) as is_there`),
          ({ isThere }) => isThere
        )

      const found = rows(Attachment)
      const ofRun: AttachmentsRepo["Service"]["ofRun"] = (tenantId, run, limit) =>
        found(sql`select a.hash, a.name, a.media_type, a.size::float8 as size,
            ${child(tenantId, run.documentId, sql`a.hash`)} as accepted
          from assets a where ${attached(tenantId, run)} order by a.hash limit ${limit}`)

      const parentRow = maybeRow(Parent)
      const parent: AttachmentsRepo["Service"]["parent"] = (tenantId, { documentId, runId }) =>
        parentRow(sql`with recursive above as (
            select parent_id, 0 as depth from documents where tenant_id = ${tenantId} and id = ${documentId}
            union all
            select d.parent_id, above.depth + 1 from above
            join documents d on d.tenant_id = ${tenantId} and d.id = above.parent_id
          )
          select d.metadata, r.created_by as actor, (select max(depth) from above) as depth
          from documents d join runs r on r.tenant_id = d.tenant_id and r.document_id = d.id and r.id = ${runId}
          where d.tenant_id = ${tenantId} and d.id = ${documentId} and not d.deleting`)

      const isAccepted: AttachmentsRepo["Service"]["isAccepted"] = (tenantId, documentId, asset) =>
        Effect.map(
          there(sql`select ${child(tenantId, documentId, sql`${asset}`)} as is_there`),
          ({ isThere }) => isThere
        )

      const ids = rows(Schema.Struct({ id: DocumentId }))
      const childrenOf: AttachmentsRepo["Service"]["childrenOf"] = (tenantId, documentId) =>
        Effect.map(
          ids(sql`select id from documents where tenant_id = ${tenantId} and parent_id = ${documentId} and not deleting
            order by id`),
          (all) => all.map(({ id }) => id)
        )

      const warn: AttachmentsRepo["Service"]["warn"] = (tenantId, runId, warnings) =>
        done(sql`update work_units set warnings = coalesce(warnings, '[]') ||
            ${json(warnings.map((warning) => JSON.stringify(warning)))}::jsonb
          where tenant_id = ${tenantId} and run_id = ${runId} and stage = 'publish'`)

      return AttachmentsRepo.of({ has, ofRun, parent, isAccepted, childrenOf, warn })
    })
  )
}
