import { AnnotationId, type AppId, type SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { Context, Effect, Layer, type Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { questionKeyOf } from "../../text/questionKey.ts"
import { maybeRow, rows } from "../rows.ts"

const Asked = Schema.Struct({
  archived: Schema.Boolean,
  reply: Schema.Boolean,
  threshold: Schema.Finite,
  space: Schema.NullOr(Space),
  epoch: Schema.Int,
  revision: Schema.Int,
  annotations: Schema.Int,
  /** The oldest with the same question, but for case, spaces and marks. */
  same: Schema.NullOr(AnnotationId),
  /** Some annotations have not all their vectors yet. */
  owing: Schema.Boolean
})
export type Asked = typeof Asked.Type

const Contender = Schema.Struct({
  id: AnnotationId,
  /** `null` where there is none of its question yet. */
  vector: Schema.NullOr(Schema.Uint8Array)
})

/** What answering a question takes, in few statements: memory proposes, and the database says what is there at this moment. */
export class AnnotationMatchesRepo extends Context.Service<AnnotationMatchesRepo, {
  readonly ask: (tenantId: TenantId, appId: AppId, question: string) => Effect.Effect<Option.Option<Asked>>
  /** Those of the app that are there, with the vectors of their questions. */
  readonly contenders: (
    tenantId: TenantId,
    appId: AppId,
    options: { readonly spaceId: SpaceId; readonly ids: ReadonlyArray<AnnotationId> }
  ) => Effect.Effect<ReadonlyMap<AnnotationId, Float32Array | null>>
}>()("@sheaf/adapters/repos/annotations/AnnotationMatchesRepo") {
  static readonly layer = Layer.effect(
    AnnotationMatchesRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const asked = maybeRow(Asked)
      const ask: AnnotationMatchesRepo["Service"]["ask"] = (tenantId, appId, question) =>
        asked(sql`select p.archived, p.reply, p.threshold, s.descriptor as space, p.epoch, p.revision, p.annotations,
            (select a.id from annotations a where a.app_id = p.id and a.tenant_id = p.tenant_id
              and a.question_key = ${questionKeyOf(question)} order by a.id limit 1) as same,
            coalesce((select min(a.indexed_epoch) from annotations a
              where a.app_id = p.id and a.tenant_id = p.tenant_id) < p.epoch, false) as owing
          from apps p left join spaces s on s.tenant_id = p.tenant_id and s.id = p.space_id
          where p.tenant_id = ${tenantId} and p.id = ${appId} and not p.deleting`)

      const found = rows(Contender)
      const contenders: AnnotationMatchesRepo["Service"]["contenders"] = (tenantId, appId, { ids, spaceId }) =>
        Effect.map(
          // By their keys alone, whatever is known of how many there are: not all vectors of the space.
          found(sql`with made as materialized (
              select annotation_id, space_id, text_hash, vector from annotation_vectors
              where tenant_id = ${tenantId} and annotation_id = any(${[...ids]}::uuid[])
            )
            select a.id, v.vector from annotations a
            left join made v on v.annotation_id = a.id and v.space_id = ${spaceId} and v.text_hash = a.question_hash
            where a.tenant_id = ${tenantId} and a.app_id = ${appId} and a.id = any(${[...ids]}::uuid[])`),
          (some) =>
            new Map(some.map(({ id, vector }) => [
              id,
              // Copied: the driver hands out views into its receive buffer, whose offset need not be a multiple of four.
              vector === null ? null : new Float32Array(Uint8Array.from(vector).buffer)
            ]))
        )

      return AnnotationMatchesRepo.of({ ask, contenders })
    })
  )
}
