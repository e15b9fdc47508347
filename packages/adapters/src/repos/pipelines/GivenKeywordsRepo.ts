import type { SegmentId, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { done, json } from "../rows.ts"

/** Keywords that steps of pipelines give to segments. */
export class GivenKeywordsRepo extends Context.Service<GivenKeywordsRepo, {
  /**
   * To segments that have none, and that nobody has changed or indexed yet: what people give, and what readers find already, stays. Part of the
   * transaction that adds them.
   */
  readonly give: (
    tenantId: TenantId,
    segments: ReadonlyArray<{ readonly id: SegmentId; readonly keywords?: ReadonlyArray<string> }>
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/pipelines/GivenKeywordsRepo") {
  static readonly layer = Layer.effect(
    GivenKeywordsRepo,
    Effect.map(SqlClient.SqlClient, (sql) =>
      GivenKeywordsRepo.of({
        give: (tenantId, segments) => {
          const given = segments.flatMap(({ id, keywords = [] }) => keywords.length === 0 ? [] : [{ id, keywords }])
          return given.length === 0 ? Effect.void : done(sql`update segments s
            set keywords = array(select jsonb_array_elements_text(x.keywords))
            from jsonb_to_recordset(${json(given)}::jsonb) as x(id uuid, keywords jsonb)
            where s.tenant_id = ${tenantId} and s.id = x.id and s.keywords = '{}' and s.index_state = 'pending'`)
        }
      }))
  )
}
