import { type DocumentId, SegmentId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { rows } from "../rows.ts"

/** Segments by what they say. */
export class SameSegmentsRepo extends Context.Service<SameSegmentsRepo, {
  /** Of the published version, the first that has each text, by the hash of the text as it is embedded. Children are none. */
  readonly ofTexts: (
    tenantId: TenantId,
    documentId: DocumentId,
    textHashes: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, SegmentId>>
}>()("@sheaf/adapters/repos/imports/SameSegmentsRepo") {
  static readonly layer = Layer.effect(
    SameSegmentsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = rows(Schema.Struct({ textHash: Schema.String, id: SegmentId }))
      const ofTexts: SameSegmentsRepo["Service"]["ofTexts"] = (tenantId, documentId, textHashes) =>
        Effect.map(
          found(sql`select distinct on (s.text_hash) s.text_hash, s.id
            from documents d
            join run_segments m on m.tenant_id = d.tenant_id and m.run_id = d.published_run_id
            join segments s on s.tenant_id = m.tenant_id and s.id = m.segment_id
            where d.tenant_id = ${tenantId} and d.id = ${documentId} and s.parent_id is null
              and s.text_hash = any(${[...textHashes]}::text[])
            order by s.text_hash, m.ordinal`),
          (some) => new Map(some.map(({ id, textHash }) => [textHash, id]))
        )
      return SameSegmentsRepo.of({ ofTexts })
    })
  )
}
