import type { DocumentId, TenantId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { done, maybeRow, oneRow, rows } from "../rows.ts"
import { vectorLock } from "../segments/vectorLock.ts"
import { addedUp, atLeast } from "../upkeep/addedUp.ts"

/** Rows removed in one statement: keeps every statement far below a quarter of a second. */
const page = 200

const none = { memberships: 0, changes: 0, assets: 0, segments: 0, vectors: 0, units: 0 }
const nothing = { indexEntries: 0, blobs: 0, ...none }

/** Removes the rows of a document that is being deleted, in bounded pages, and proves that none is left. */
export class PurgeRepo extends Context.Service<PurgeRepo, {
  /** Every space that the tenant has ever had a dataset in. */
  readonly spaces: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<Space>>
  /** Keeps how much of index and blobs is about to go with the document: at least so much, as an attempt after a crash finds less. */
  readonly say: (
    tenantId: TenantId,
    documentId: DocumentId,
    found: { readonly indexEntries: number; readonly blobs: number }
  ) => Effect.Effect<void>
  /** One page of a kind of row below the document. Answers how many went, and keeps it with the document; 0 when none is left. */
  readonly removePage: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<{
    readonly memberships: number
    readonly changes: number
    readonly assets: number
    readonly segments: number
    readonly vectors: number
    readonly units: number
  }>
  /** Rows left below the document. */
  readonly remaining: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<number>
  /** Removes runs and the document's own row; nothing may be left below it. Answers all that has gone with it, however often it took. */
  readonly removeDocument: (
    tenantId: TenantId,
    documentId: DocumentId
  ) => Effect.Effect<Readonly<Record<string, number>>>
}>()("@sheaf/adapters/repos/documents/PurgeRepo") {
  static readonly layer = Layer.effect(
    PurgeRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const spaceRows = rows(Schema.Struct({ descriptor: Space }))
      const spaces: PurgeRepo["Service"]["spaces"] = (tenantId) =>
        Effect.map(
          spaceRows(sql`select descriptor from spaces where tenant_id = ${tenantId} order by id`),
          (found) => found.map((row) => row.descriptor)
        )

      const counts = oneRow(Schema.Struct({ count: Schema.Int }))
      const counting = (statement: Parameters<typeof counts>[0]) => Effect.map(counts(statement), (row) => row.count)

      const found = rows(Schema.Struct({ found: Schema.Boolean }))

      /** By the runs: their memberships have an index, those of a document have none. */
      const memberships = (tenantId: TenantId, documentId: DocumentId) =>
        sql`tenant_id = ${tenantId} and run_id = any(array(
          select id from runs where tenant_id = ${tenantId} and document_id = ${documentId}))`

      const keep = (tenantId: TenantId, documentId: DocumentId, removed: Statement.Fragment) =>
        done(
          sql`update documents set removed = ${removed} where tenant_id = ${tenantId} and id = ${documentId} and deleting`
        )
      const say: PurgeRepo["Service"]["say"] = (tenantId, documentId, found) =>
        keep(tenantId, documentId, atLeast(sql, sql`removed`, found))

      const takePage = Effect.fnUntraced(
        function*(tenantId: TenantId, documentId: DocumentId) {
          const ofRuns = memberships(tenantId, documentId)
          const mine = sql`tenant_id = ${tenantId} and document_id = ${documentId}`
          const memberRows = yield* counting(sql`with gone as (
              delete from run_segments where ctid = any(array(
                select ctid from run_segments where ${ofRuns} limit ${page}))
              returning 1) select count(*)::int as count from gone`)
          if (memberRows > 0) return { ...none, memberships: memberRows }
          const changes = yield* counting(sql`with gone as (
              delete from segment_changes where tenant_id = ${tenantId} and id = any(array(
                select id from segment_changes where ${mine} limit ${page}))
              returning 1) select count(*)::int as count from gone`)
          if (changes > 0) return { ...none, changes }
          // What runs say of them goes with them.
          const assets = yield* counting(sql`with gone as (
              delete from assets where tenant_id = ${tenantId} and document_id = ${documentId} and hash = any(array(
                select hash from assets where ${mine} limit ${page}))
              returning 1) select count(*)::int as count from gone`)
          if (assets > 0) return { ...none, assets }
          // Children before their parents, which they refer to.
          const [hasChildren] = yield* found(sql`select exists(select 1 from segments
            where ${mine} and parent_id is not null) as found`)
          const going = sql`${mine} ${hasChildren?.found === true ? sql`and parent_id is not null` : sql``}`
          // A vector is shared by all segments of a tenant with the same text: it goes with the last of them.
          yield* vectorLock(sql, tenantId, "alone")
          const vectors = yield* counting(sql`with going as (
              select id, text_hash from segments where ${going} order by id limit ${page}
            ), gone as (
              delete from vectors v using (select distinct text_hash from going) g, spaces sp
              where sp.tenant_id = ${tenantId} and v.tenant_id = ${tenantId} and v.space_id = sp.id
                and v.text_hash = g.text_hash
                and not exists (select 1 from segments s where s.tenant_id = ${tenantId} and s.text_hash = v.text_hash
                  and not (s.document_id = ${documentId}))
              returning 1) select count(*)::int as count from gone`)
          const segments = yield* counting(sql`with gone as (
              delete from segments where tenant_id = ${tenantId} and id = any(array(
                select id from segments where ${going} order by id limit ${page}))
              returning 1) select count(*)::int as count from gone`)
          const units = yield* counting(sql`with gone as (
              delete from work_units where tenant_id = ${tenantId} and id = any(array(
                select u.id from work_units u join runs r on r.tenant_id = u.tenant_id and r.id = u.run_id
                where r.tenant_id = ${tenantId} and r.document_id = ${documentId} limit ${page}))
              returning 1) select count(*)::int as count from gone`)
          return { ...none, segments, vectors, units }
        }
      )

      const removePage: PurgeRepo["Service"]["removePage"] = Effect.fn("PurgeRepo.removePage")(
        function*(tenantId, documentId) {
          const gone = yield* takePage(tenantId, documentId)
          if (Object.values(gone).some((count) => count > 0)) {
            yield* keep(tenantId, documentId, addedUp(sql, sql`removed`, gone))
          }
          return gone
        }
      )

      const kept = maybeRow(Schema.Struct({ removed: Schema.Record(Schema.String, Schema.Int) }))
      const remaining: PurgeRepo["Service"]["remaining"] = (tenantId, documentId) =>
        counting(sql`select (
            (select count(*) from run_segments where ${memberships(tenantId, documentId)})
            + (select count(*) from segments where tenant_id = ${tenantId} and document_id = ${documentId})
            + (select count(*) from assets where tenant_id = ${tenantId} and document_id = ${documentId})
            + (select count(*) from segment_changes where tenant_id = ${tenantId} and document_id = ${documentId})
            + (select count(*) from work_units u join runs r on r.tenant_id = u.tenant_id and r.id = u.run_id
                where r.tenant_id = ${tenantId} and r.document_id = ${documentId}))::int as count`)

      const removeDocument: PurgeRepo["Service"]["removeDocument"] = Effect.fn("PurgeRepo.removeDocument")(
        function*(tenantId, documentId) {
          yield* done(sql`update documents set published_run_id = null, latest_run_id = null
            where tenant_id = ${tenantId} and id = ${documentId}`)
          yield* done(sql`delete from runs where tenant_id = ${tenantId} and document_id = ${documentId}`)
          yield* done(sql`delete from uploads where tenant_id = ${tenantId} and document_id = ${documentId}`)
          yield* done(
            sql`delete from jobs where tenant_id = ${tenantId} and document_id = ${documentId} and state = 'dead'`
          )
          const last = yield* kept(sql`delete from documents
            where tenant_id = ${tenantId} and id = ${documentId} and deleting returning removed`)
          return Option.isSome(last) ? { ...nothing, ...last.value.removed } : nothing
        }
      )

      return PurgeRepo.of({ spaces, say, removePage, remaining, removeDocument })
    })
  )
}
