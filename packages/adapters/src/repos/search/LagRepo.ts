import type { IndexMark } from "@sheaf/domain/documents/indexToken"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { visibleDatasets } from "../datasets/DatasetsRepo.ts"
import { oneRow } from "../rows.ts"

/** How far the search index is behind the rows. */
export class LagRepo extends Context.Service<LagRepo, {
  /**
   * Whether the index has yet to follow one of these changes. Nobody has to wait for documents that the caller may not see or that are
   * gone, nor for generations that there have never been.
   */
  readonly isBehind: (caller: Caller, marks: ReadonlyArray<IndexMark>) => Effect.Effect<boolean>
}>()("@sheaf/adapters/repos/search/LagRepo") {
  static readonly layer = Layer.effect(
    LagRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = oneRow(Schema.Struct({ isBehind: Schema.Boolean }))
      const isBehind: LagRepo["Service"]["isBehind"] = (caller, marks) =>
        Effect.map(
          found(sql`select exists (
              select 1 from unnest(${marks.map(({ documentId }) => documentId)}::uuid[],
                ${marks.map(({ generation }) => generation)}::int[]) as x(id, generation)
              join documents d on d.tenant_id = ${caller.tenantId} and d.id = x.id
              join datasets ds on ds.tenant_id = d.tenant_id and ds.id = d.dataset_id
              where ${visibleDatasets(sql, caller)} and not d.deleting and d.synced < least(x.generation, d.generation)
            ) as is_behind`),
          (row) => row.isBehind
        )
      return LagRepo.of({ isBehind })
    })
  )
}
