import { numberedName } from "@sheaf/domain/documents/numberedName"
import { type DatasetId, DocumentId, RunId, Sha256, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, maybeRow, oneRow, rows } from "../rows.ts"

/** Which bytes, and what they are. `contentId` is `null` for those that a document began with. */
const Content = Schema.Struct({
  contentId: Schema.NullOr(DocumentId),
  size: Schema.Finite,
  contentHash: Sha256,
  mediaType: Schema.NullOr(Schema.String),
  declaredType: Schema.NullOr(Schema.String)
})
export type Content = typeof Content.Type

/** Names that documents have, and bytes that take the place of others. */
export class ContentsRepo extends Context.Service<ContentsRepo, {
  /** Until the end of the caller's transaction nobody else who asks may use the name in the dataset. Before any lock of a row. */
  readonly lockName: (tenantId: TenantId, datasetId: DatasetId, name: string) => Effect.Effect<void>
  /** The document of that name that is there longest. */
  readonly findNamed: (tenantId: TenantId, datasetId: DatasetId, name: string) => Effect.Effect<
    Option.Option<{ readonly documentId: DocumentId; readonly contentHash: Sha256; readonly runId: RunId | null }>
  >
  /** The name, or the first of `name (1)`, `name (2)` ... that no document has. Locks what it answers, as `lockName`. */
  readonly freeName: (tenantId: TenantId, datasetId: DatasetId, name: string) => Effect.Effect<string>
  /**
   * Gives a document other bytes. Its runs until now keep what they were made of. Part of a transaction that holds the document, none of
   * whose runs is at work. Answers the size before.
   */
  readonly replace: (tenantId: TenantId, documentId: DocumentId, content: {
    readonly contentId: DocumentId
    readonly size: number
    readonly contentHash: Sha256
    readonly declaredType: string | null
  }) => Effect.Effect<number>
  /** What the published version was made of; where there is none, the newest. */
  readonly served: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<Content>>
  /** Whether any version of the document was or is to be made of these bytes. */
  readonly holds: (tenantId: TenantId, documentId: DocumentId, contentId: DocumentId) => Effect.Effect<boolean>
  /**
   * Bytes that nothing reads any more: neither the newest, nor those of the published version or of a run at work. Once they are that, they
   * are for good.
   */
  readonly unused: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<ReadonlyArray<DocumentId | null>>
}>()("@sheaf/adapters/repos/documents/ContentsRepo") {
  static readonly layer = Layer.effect(
    ContentsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const lockName: ContentsRepo["Service"]["lockName"] = (_tenantId, datasetId, name) =>
        done(sql`select pg_advisory_xact_lock(hashtextextended(${`name ${datasetId} ${name}`}, 0))`)

      const named = maybeRow(
        Schema.Struct({ documentId: DocumentId, contentHash: Sha256, runId: Schema.NullOr(RunId) })
      )
      const findNamed: ContentsRepo["Service"]["findNamed"] = (tenantId, datasetId, name) =>
        named(sql`select id as document_id, content_hash, latest_run_id as run_id from documents
          where tenant_id = ${tenantId} and dataset_id = ${datasetId} and name = ${name} and not deleting
          order by created_at, id limit 1`)

      const freeName: ContentsRepo["Service"]["freeName"] = Effect.fn("ContentsRepo.freeName")(
        function*(tenantId, datasetId, name) {
          const isFree = (candidate: string) =>
            lockName(tenantId, datasetId, candidate).pipe(
              Effect.andThen(findNamed(tenantId, datasetId, candidate)),
              Effect.map(Option.isNone)
            )
          if (yield* isFree(name)) return name
          // As far as the numbers are taken, in few steps; then the first that is free behind the last that was seen taken.
          let taken = 0
          let step = 1
          while (!(yield* isFree(numberedName(name, taken + step)))) {
            taken += step
            step *= 2
          }
          while (step > 1) {
            step /= 2
            if (!(yield* isFree(numberedName(name, taken + step)))) taken += step
          }
          return numberedName(name, taken + 1)
        }
      )

      const before = oneRow(Schema.Struct({ size: Schema.Finite }))
      const replace: ContentsRepo["Service"]["replace"] = Effect.fn("ContentsRepo.replace")(
        function*(tenantId, documentId, content) {
          yield* done(sql`update runs r set content = jsonb_build_object('contentId', d.content_id, 'size', d.size,
              'contentHash', d.content_hash, 'mediaType', d.media_type, 'declaredType', d.declared_type)
            from documents d where d.tenant_id = r.tenant_id and d.id = r.document_id and r.content is null
              and r.tenant_id = ${tenantId} and r.document_id = ${documentId}`)
          const { size } = yield* before(
            sql`select size::float8 as size from documents where tenant_id = ${tenantId} and id = ${documentId}`
          )
          yield* done(
            sql`update documents set content_id = ${content.contentId}, size = ${content.size}::float8::bigint,
              content_hash = ${content.contentHash}, declared_type = ${content.declaredType}, updated_at = now()
            where tenant_id = ${tenantId} and id = ${documentId}`
          )
          return size
        }
      )

      const own = sql`jsonb_build_object('contentId', d.content_id, 'size', d.size, 'contentHash', d.content_hash,
        'mediaType', d.media_type, 'declaredType', d.declared_type)`
      const contentRow = maybeRow(Schema.Struct({ content: Content }))
      const served: ContentsRepo["Service"]["served"] = (tenantId, documentId) =>
        Effect.map(
          contentRow(sql`select coalesce(r.content, ${own}) as content from documents d
            left join runs r on r.tenant_id = d.tenant_id and r.id = d.published_run_id
            where d.tenant_id = ${tenantId} and d.id = ${documentId}`),
          Option.map(({ content }) => content)
        )

      const there = oneRow(Schema.Struct({ isThere: Schema.Boolean }))
      const holds: ContentsRepo["Service"]["holds"] = (tenantId, documentId, contentId) =>
        Effect.map(
          there(sql`select exists(select from documents
              where tenant_id = ${tenantId} and id = ${documentId} and content_id = ${contentId})
            or exists(select from runs where tenant_id = ${tenantId} and document_id = ${documentId}
              and content ->> 'contentId' = ${contentId}) as is_there`),
          ({ isThere }) => isThere
        )

      const ids = rows(Schema.Struct({ contentId: Schema.NullOr(DocumentId) }))
      const unused: ContentsRepo["Service"]["unused"] = (tenantId, documentId) =>
        Effect.map(
          ids(sql`select distinct (r.content ->> 'contentId')::uuid as content_id
            from documents d join runs r on r.tenant_id = d.tenant_id and r.document_id = d.id
            where d.tenant_id = ${tenantId} and d.id = ${documentId} and r.content is not null
              and (r.content ->> 'contentId')::uuid is distinct from d.content_id
              and not exists (select from runs held where held.tenant_id = d.tenant_id and held.document_id = d.id
                and (held.id = d.published_run_id or held.state not in ('published', 'failed', 'cancelled'))
                and (case when held.content is null then d.content_id else (held.content ->> 'contentId')::uuid end)
                  is not distinct from (r.content ->> 'contentId')::uuid)`),
          (found) => found.map(({ contentId }) => contentId)
        )

      return ContentsRepo.of({ lockName, findNamed, freeName, replace, served, holds, unused })
    })
  )
}
