import type { Document } from "@sheaf/domain/documents/Document"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import { Actor, type Caller } from "@sheaf/domain/edge/Caller"
import { DatasetId, DocumentId, RunId, type Sha256, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { RunConfig } from "../runs/RunConfig.ts"
import { done, json, maybeRow, oneRow } from "../rows.ts"
import { documentColumns, DocumentRow, documentTables, toDocument, visibleDocuments } from "./documentRow.ts"

export interface NewDocument {
  readonly datasetId: DatasetId
  readonly documentId: DocumentId
  readonly name: string
  /** As the client declared it, for text; a hint for the detector. */
  readonly declaredType: string | null
  readonly size: number
  readonly contentHash: Sha256
  readonly metadata: Metadata
  readonly actor: Actor
  /** What it is attached to, and as which asset of that. */
  readonly attachedTo?: { readonly documentId: DocumentId; readonly asset: Sha256 }
}

/** Documents of datasets that a caller may see, and the rows behind accepting, publishing and purging one. */
export class DocumentsRepo extends Context.Service<DocumentsRepo, {
  readonly find: (caller: Caller, documentId: DocumentId) => Effect.Effect<Option.Option<Document>>
  /** Whether there is one, whoever may see it, on its way out or not. */
  readonly exists: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<boolean>
  /** How a document and its newest run stand, and since when the run is in its state. */
  readonly progress: (caller: Caller, documentId: DocumentId) => Effect.Effect<
    Option.Option<{ readonly document: Document; readonly since: Date }>
  >
  /**
   * The document of a dataset that holds the same bytes, if any. Until the end of the caller's transaction nobody else can add the
   * same bytes to the same dataset.
   */
  readonly findSame: (tenantId: TenantId, datasetId: DatasetId, contentHash: Sha256) => Effect.Effect<
    Option.Option<{ readonly documentId: DocumentId; readonly runId: RunId | null }>
  >
  /** Part of the caller's transaction. */
  readonly insert: (tenantId: TenantId, document: NewDocument) => Effect.Effect<void>
  /**
   * Begins a run; the document's newest from now on. Its revisions go on where those of the run before it ended. Part of the
   * caller's transaction.
   */
  readonly insertRun: (tenantId: TenantId, run: {
    readonly datasetId: DatasetId
    readonly documentId: DocumentId
    readonly runId: RunId
    readonly config: RunConfig
    readonly actor: Actor
  }) => Effect.Effect<void>
  readonly setMediaType: (tenantId: TenantId, documentId: DocumentId, mediaType: string) => Effect.Effect<void>
  /** Locks the row until the end of the caller's transaction; `None` when it is gone or on its way out. */
  readonly lock: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<
    Option.Option<{
      readonly datasetId: DatasetId
      readonly publishedRunId: RunId | null
      readonly segments: number
      readonly tokens: number
      readonly deleting: boolean
      readonly size: number
    }>
  >
  /** Readers see the run's version from the commit on. */
  readonly publish: (tenantId: TenantId, documentId: DocumentId, version: {
    readonly runId: RunId
    readonly pages: number
    readonly segments: number
    readonly tokens: number
  }) => Effect.Effect<void>
  readonly markDeleting: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/documents/DocumentsRepo") {
  static readonly layer = Layer.effect(
    DocumentsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const encodeActor = (actor: Actor) => Effect.orDie(Schema.encodeEffect(Actor)(actor))
      const columns = documentColumns(sql)
      const from = documentTables(sql)
      const visible = (caller: Caller) => visibleDocuments(sql, caller)

      const found = maybeRow(DocumentRow)
      const there = oneRow(Schema.Struct({ isThere: Schema.Boolean }))
      const exists: DocumentsRepo["Service"]["exists"] = (tenantId, documentId) =>
        Effect.map(
          there(
            sql`select exists(select from documents where tenant_id = ${tenantId} and id = ${documentId}) as is_there`
          ),
          ({ isThere }) => isThere
        )

      const find: DocumentsRepo["Service"]["find"] = (caller, documentId) =>
        Effect.map(
          found(
            sql`select ${columns} from ${from} where ${visible(caller)} and not d.deleting and d.id = ${documentId}`
          ),
          Option.map(toDocument)
        )

      const looked = maybeRow(Schema.Struct({ ...DocumentRow.fields, since: Schema.Date }))
      const progress: DocumentsRepo["Service"]["progress"] = (caller, documentId) =>
        Effect.map(
          looked(sql`select ${columns}, coalesce(r.since, d.created_at) as since from ${from}
            where ${visible(caller)} and not d.deleting and d.id = ${documentId}`),
          Option.map(({ since, ...row }) => ({ document: toDocument(row), since }))
        )

      const same = maybeRow(Schema.Struct({ documentId: DocumentId, runId: Schema.NullOr(RunId) }))
      const findSame: DocumentsRepo["Service"]["findSame"] = Effect.fn("DocumentsRepo.findSame")(
        function*(tenantId, datasetId, contentHash) {
          yield* done(sql`select pg_advisory_xact_lock(hashtextextended(${`${datasetId} ${contentHash}`}, 0))`)
          return yield* same(sql`select id as document_id, latest_run_id as run_id from documents
            where tenant_id = ${tenantId} and dataset_id = ${datasetId} and content_hash = ${contentHash}
              and not deleting order by created_at limit 1`)
        }
      )

      const insert: DocumentsRepo["Service"]["insert"] = Effect.fn("DocumentsRepo.insert")(
        function*(tenantId, document) {
          const actor = yield* encodeActor(document.actor)
          yield* done(sql`insert into documents
            (tenant_id, dataset_id, id, name, declared_type, size, content_hash, metadata, created_by, parent_id, attached_as)
          values (${tenantId}, ${document.datasetId}, ${document.documentId}, ${document.name}, ${document.declaredType},
            ${document.size}::float8::bigint, ${document.contentHash}, ${json(document.metadata)}::jsonb,
            ${json(actor)}::jsonb, ${document.attachedTo?.documentId ?? null}, ${document.attachedTo?.asset ?? null})`)
        }
      )

      const insertRun: DocumentsRepo["Service"]["insertRun"] = Effect.fn("DocumentsRepo.insertRun")(
        function*(tenantId, run) {
          const actor = yield* encodeActor(run.actor)
          yield* done(sql`insert into runs
              (tenant_id, dataset_id, document_id, id, number, revision, config, created_by)
            select ${tenantId}::uuid, ${run.datasetId}::uuid, ${run.documentId}::uuid, ${run.runId}::uuid,
              coalesce(max(number), 0) + 1, coalesce(max(revision), -1) + 1, ${json(run.config)}::jsonb,
              ${json(actor)}::jsonb
            from runs where tenant_id = ${tenantId} and document_id = ${run.documentId}`)
          yield* done(sql`update documents set latest_run_id = ${run.runId}, updated_at = now()
            where tenant_id = ${tenantId} and id = ${run.documentId}`)
        }
      )

      const setMediaType: DocumentsRepo["Service"]["setMediaType"] = (tenantId, documentId, mediaType) =>
        done(sql`update documents set media_type = ${mediaType}, updated_at = now()
          where tenant_id = ${tenantId} and id = ${documentId}`)

      const locked = maybeRow(Schema.Struct({
        datasetId: DatasetId,
        publishedRunId: Schema.NullOr(RunId),
        segments: Schema.Int,
        tokens: Schema.Int,
        deleting: Schema.Boolean,
        size: Schema.Finite
      }))
      const lock: DocumentsRepo["Service"]["lock"] = (tenantId, documentId) =>
        locked(sql`select dataset_id, published_run_id, segments, tokens, deleting, size::float8 as size from documents
          where tenant_id = ${tenantId} and id = ${documentId} for update`)

      const publish: DocumentsRepo["Service"]["publish"] = (tenantId, documentId, version) =>
        done(sql`update documents set published_run_id = ${version.runId}, pages = ${version.pages},
            segments = ${version.segments}, tokens = ${version.tokens}, updated_at = now()
          where tenant_id = ${tenantId} and id = ${documentId}`)

      const markDeleting: DocumentsRepo["Service"]["markDeleting"] = (tenantId, documentId) =>
        done(sql`update documents set deleting = true, updated_at = now()
          where tenant_id = ${tenantId} and id = ${documentId}`)

      return DocumentsRepo.of({
        exists,
        find,
        progress,
        findSame,
        insert,
        insertRun,
        setMediaType,
        lock,
        publish,
        markDeleting
      })
    })
  )
}
