import { Actor } from "@sheaf/domain/edge/Caller"
import { DatasetId, type DocumentId, RunId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, json, maybeRow, oneRow, rows } from "../rows.ts"

const Flags = Schema.Struct({
  datasetId: DatasetId,
  enabled: Schema.Boolean,
  archived: Schema.Boolean,
  version: Schema.Int,
  generation: Schema.Int,
  publishedRunId: Schema.NullOr(RunId)
})
export type Flags = typeof Flags.Type

/** The flags that hide documents and segments. Those of a document and those of its segments know nothing of each other. */
export class EnablementRepo extends Context.Service<EnablementRepo, {
  /** Locks the document until the end of the caller's transaction; `None` when it is on its way out. */
  readonly lock: (tenantId: TenantId, documentId: DocumentId) => Effect.Effect<Option.Option<Flags>>
  /** Counts the change. Part of a transaction that holds the document. */
  readonly setDocument: (
    tenantId: TenantId,
    documentId: DocumentId,
    flags: { readonly enabled: boolean; readonly archived: boolean }
  ) => Effect.Effect<void>
  /**
   * Sets the flag of those segments of a version that have it otherwise, in one statement, and counts the change of each; the index owes
   * them. Part of a transaction that holds the document. `missing` are not in the version.
   */
  readonly setSegments: (
    tenantId: TenantId,
    documentId: DocumentId,
    change: {
      readonly runId: RunId
      readonly segmentIds: ReadonlyArray<SegmentId>
      readonly enabled: boolean
      readonly actor: Actor
    }
  ) => Effect.Effect<{ readonly changed: number; readonly missing: ReadonlyArray<SegmentId> }>
  /** `None`: not in the version. */
  readonly segmentVersion: (
    tenantId: TenantId,
    runId: RunId,
    segmentId: SegmentId
  ) => Effect.Effect<Option.Option<number>>
}>()("@sheaf/adapters/repos/documents/EnablementRepo") {
  static readonly layer = Layer.effect(
    EnablementRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const encodeActor = (actor: Actor) => Effect.orDie(Schema.encodeEffect(Actor)(actor))

      const flags = maybeRow(Flags)
      const lock: EnablementRepo["Service"]["lock"] = (tenantId, documentId) =>
        flags(sql`select dataset_id, enabled, archived, version, generation, published_run_id from documents
          where tenant_id = ${tenantId} and id = ${documentId} and not deleting for update`)

      const setDocument: EnablementRepo["Service"]["setDocument"] = (tenantId, documentId, { archived, enabled }) =>
        done(
          sql`update documents set enabled = ${enabled}, archived = ${archived}, version = version + 1, updated_at = now()
          where tenant_id = ${tenantId} and id = ${documentId}`
        )

      const counted = oneRow(Schema.Struct({ count: Schema.Int }))
      const found = rows(Schema.Struct({ id: SegmentId }))
      // Whether all are there is asked first, and only if not which: nearly always they are, and they may be thousands.
      const setSegments: EnablementRepo["Service"]["setSegments"] = Effect.fn("EnablementRepo.setSegments")(
        function*(tenantId, documentId, { actor, enabled, runId, segmentIds }) {
          const by = json(yield* encodeActor(actor))
          // A plan that does not know how many ids there are compares each of them with each row.
          yield* done(sql`set local plan_cache_mode = force_custom_plan`)
          const asked = [...new Set(segmentIds)]
          const held = sql`from run_segments where tenant_id = ${tenantId} and run_id = ${runId}
            and segment_id = any(${asked}::uuid[])`
          const { count } = yield* counted(sql`select count(*)::int as count ${held}`)
          const there = count === asked.length
            ? asked
            : (yield* found(sql`select segment_id as id ${held}`)).map(({ id }) => id)
          const { count: changed } = yield* counted(sql`with changed as (
              update segments set enabled = ${enabled}, version = version + 1, index_state = 'pending', index_cause = null,
                updated_by = ${by}::jsonb, updated_at = now()
              where tenant_id = ${tenantId} and document_id = ${documentId} and id = any(${there}::uuid[])
                and enabled <> ${enabled} returning 1
            )
            select count(*)::int as count from changed`)
          const known = new Set<string>(there)
          return { changed, missing: there === asked ? [] : asked.filter((id) => !known.has(id.toLowerCase())) }
        }
      )

      const versions = maybeRow(Schema.Struct({ version: Schema.Int }))
      const segmentVersion: EnablementRepo["Service"]["segmentVersion"] = (tenantId, runId, segmentId) =>
        Effect.map(
          versions(sql`select s.version from run_segments rs
            join segments s on s.tenant_id = rs.tenant_id and s.id = rs.segment_id
            where rs.tenant_id = ${tenantId} and rs.run_id = ${runId} and rs.segment_id = ${segmentId}`),
          Option.map(({ version }) => version)
        )

      return EnablementRepo.of({ lock, setDocument, setSegments, segmentVersion })
    })
  )
}
