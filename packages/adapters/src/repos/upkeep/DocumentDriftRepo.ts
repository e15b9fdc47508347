import { DatasetId, DocumentId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, maybeRow, rows } from "../rows.ts"

/** Documents looked through at a time. */
const window = 200

const Standing = Schema.Struct({
  id: DocumentId,
  datasetId: DatasetId,
  /** To be deleted, and nobody owes it. */
  removalWithoutJob: Schema.Boolean,
  /** The index is behind, and nobody owes to bring it in step. */
  syncWithoutJob: Schema.Boolean,
  /** It says another number of segments than its published version has. */
  miscounted: Schema.Boolean
})
export type Standing = typeof Standing.Type

/** What ought to be of a document, as far as its rows alone can say. */
export class DocumentDriftRepo extends Context.Service<DocumentDriftRepo, {
  /** Those of the next documents that are out of step. `next`: where to go on; `null` at the end. */
  readonly page: (tenantId: TenantId, after: string | null) => Effect.Effect<{
    readonly found: ReadonlyArray<Standing>
    readonly next: string | null
  }>
  /** How one document stands, locked until the end of the caller's transaction. */
  readonly look: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<Standing>>
  /** Datasets on their way out whose removal nobody owes. */
  readonly datasetsWithoutJob: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<DatasetId>>
  /** The tenant is on its way out, and nobody owes it. */
  readonly tenantWithoutJob: (tenantId: TenantId) => Effect.Effect<boolean>
  /** Segments that no version holds although nobody is about to remove them, of the segments after that one. */
  readonly unheld: (tenantId: TenantId, after: string | null) => Effect.Effect<{
    readonly found: ReadonlyArray<{ readonly id: SegmentId; readonly documentId: DocumentId }>
    readonly next: string | null
  }>
  readonly isUnheld: (tenantId: TenantId, segmentId: SegmentId) => Effect.Effect<boolean>
  /** Under the document's lock: has the index sync look at a segment. `false`: it is held, on its way out, or gone. */
  readonly owe: (tenantId: TenantId, documentId: DocumentId, segmentId: SegmentId, options: {
    readonly repair: boolean
  }) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/upkeep/DocumentDriftRepo") {
  static readonly layer = Layer.effect(
    DocumentDriftRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const jobOf = (stage: string) =>
        sql`exists (select 1 from jobs j where j.tenant_id = d.tenant_id and j.document_id = d.id and j.stage = ${stage})`
      const held = sql`exists (select 1 from run_segments rs where rs.tenant_id = s.tenant_id and rs.segment_id = s.id)`
      const owed =
        sql`s.tenant_id = d.tenant_id and s.document_id = d.id and (s.index_state <> 'in_sync' or s.going_out)
        and (s.going_out or exists (select 1 from run_segments rs where rs.tenant_id = s.tenant_id
          and rs.segment_id = s.id and rs.run_id = d.published_run_id) or not ${held})`
      const columns = sql`d.id, d.dataset_id, d.deleting and not ${jobOf("PurgeDocument")} as removal_without_job,
        not d.deleting and not ${jobOf("ApplyEnablement")} and not ${jobOf("PurgeRun")}
          and (d.synced < d.generation or exists (select 1 from segments s where ${owed})) as sync_without_job,
        not d.deleting and d.published_run_id is not null and d.segments <> (select count(*) from run_segments rs
          where rs.tenant_id = d.tenant_id and rs.run_id = d.published_run_id) as miscounted`

      const many = rows(Standing)
      const ids = rows(Schema.Struct({ id: DocumentId }))
      const page: DocumentDriftRepo["Service"]["page"] = Effect.fn("DocumentDriftRepo.page")(
        function*(tenantId, after) {
          const documents = yield* ids(sql`select id from documents where tenant_id = ${tenantId}
            ${after === null ? sql`` : sql`and id > ${after}::uuid`} order by id limit ${window}`)
          const last = documents.at(-1)
          if (last === undefined) return { found: [], next: null }
          const found = yield* many(sql`select * from (select ${columns} from documents d
              where d.tenant_id = ${tenantId} and d.id = any(${documents.map(({ id }) => id)}::uuid[])) x
            where removal_without_job or sync_without_job or miscounted`)
          return { found, next: documents.length < window ? null : last.id }
        }
      )

      const one = maybeRow(Standing)
      const look: DocumentDriftRepo["Service"]["look"] = Effect.fn("DocumentDriftRepo.look")(
        function*(tenantId, documentId) {
          yield* done(sql`select 1 from documents where tenant_id = ${tenantId} and id = ${documentId} for update`)
          return yield* one(
            sql`select ${columns} from documents d where d.tenant_id = ${tenantId} and d.id = ${documentId}`
          )
        }
      )

      const datasets = rows(Schema.Struct({ id: DatasetId }))
      const flags = rows(Schema.Struct({ found: Schema.Boolean }))
      const segments = rows(Schema.Struct({ id: SegmentId, documentId: DocumentId, unheld: Schema.Boolean }))
      // A run that is at work may be about to take it up.
      const isUnheld = sql`(not s.going_out and s.index_state = 'in_sync' and not d.deleting and not ${held}
        and not ${jobOf("PurgeRun")} and not exists (select 1 from runs r where r.tenant_id = d.tenant_id
          and r.id = d.latest_run_id and r.state not in ('published', 'failed', 'cancelled')))`
      const unheld: DocumentDriftRepo["Service"]["unheld"] = Effect.fn("DocumentDriftRepo.unheld")(
        function*(tenantId, after) {
          const limit = 1_000
          const some = yield* segments(sql`select s.id, s.document_id, ${isUnheld} as unheld
            from (select * from segments where tenant_id = ${tenantId}
              ${after === null ? sql`` : sql`and id > ${after}::uuid`} order by id limit ${limit}) s
            join documents d on d.tenant_id = s.tenant_id and d.id = s.document_id order by s.id`)
          return {
            found: some.filter((segment) => segment.unheld),
            next: some.length < limit ? null : some.at(-1)!.id
          }
        }
      )

      const changed = maybeRow(Schema.Struct({ id: SegmentId }))
      const owe: DocumentDriftRepo["Service"]["owe"] = (tenantId, documentId, segmentId, { repair }) => {
        const it = sql`s.tenant_id = ${tenantId} and s.document_id = ${documentId} and s.id = ${segmentId}
          and s.index_state = 'in_sync' and not s.going_out`
        return Effect.map(
          repair
            ? changed(sql`update segments s set index_state = 'pending' where ${it} returning s.id`)
            : changed(sql`select s.id from segments s where ${it}`),
          Option.isSome
        )
      }

      return DocumentDriftRepo.of({
        page,
        look,
        datasetsWithoutJob: (tenantId) =>
          Effect.map(
            datasets(sql`select d.id from datasets d where d.tenant_id = ${tenantId} and d.deleting and not exists (
              select 1 from jobs j where j.tenant_id = d.tenant_id and j.stage = 'PurgeDataset'
                and j.payload ->> 'datasetId' = d.id::text) limit 500`),
            (found) => found.map(({ id }) => id)
          ),
        tenantWithoutJob: (tenantId) =>
          Effect.map(
            flags(sql`select exists (select 1 from tenants t where t.id = ${tenantId} and t.state = 'deleting'
              and not exists (select 1 from jobs j where j.tenant_id = t.id and j.stage = 'PurgeTenant')) as found`),
            ([row]) => row?.found === true
          ),
        unheld,
        isUnheld: (tenantId, segmentId) =>
          Effect.map(
            flags(sql`select exists (select 1 from segments s
              join documents d on d.tenant_id = s.tenant_id and d.id = s.document_id
              where s.tenant_id = ${tenantId} and s.id = ${segmentId} and ${isUnheld}) as found`),
            ([row]) => row?.found === true
          ),
        owe
      })
    })
  )
}
