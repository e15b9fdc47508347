import { AnnotationId, type AppId, SpaceId, type TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, maybeRow, oneRow, rows } from "../rows.ts"

const Owing = Schema.Struct({ id: AnnotationId, question: Schema.String, hash: Schema.String })
export type Owing = typeof Owing.Type

/** A vector as readers follow them: `hash` names the question that it was made of. */
const Placed = Schema.Struct({
  annotationId: AnnotationId,
  hash: Schema.String,
  vector: Schema.Uint8Array,
  revision: Schema.Int
})

export interface AnnotationVector {
  readonly annotationId: AnnotationId
  readonly hash: string
  readonly vector: Float32Array
}

/** How far a reader has followed an app. */
export interface Followed {
  readonly revision: number
  readonly annotationId: AnnotationId | null
}

/** What questions of a user are compared with. Writers hold the app (`AppsRepo.hold`), whose revision says when a vector came. */
export class AnnotationVectorsRepo extends Context.Service<AnnotationVectorsRepo, {
  /** Annotations that owe vectors, up to so many. */
  readonly owing: (
    tenantId: TenantId,
    appId: AppId,
    options: { readonly epoch: number; readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<Owing>>
  /** Vectors that the tenant has of these questions in a space, whichever annotation they were made for. */
  readonly known: (
    tenantId: TenantId,
    spaceId: SpaceId,
    hashes: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Float32Array>>
  /** For annotations that still have the question that the vector was made of. */
  readonly save: (tenantId: TenantId, appId: AppId, options: {
    readonly spaceId: SpaceId
    readonly revision: number
    readonly vectors: ReadonlyArray<AnnotationVector>
  }) => Effect.Effect<void>
  /** Nothing is owed any more for those that still have this question. */
  readonly settle: (
    tenantId: TenantId,
    owing: ReadonlyArray<Pick<Owing, "id" | "hash">>,
    epoch: number
  ) => Effect.Effect<void>
  /** The next vectors of an app in a space, in the order in which they came. */
  readonly since: (tenantId: TenantId, appId: AppId, options: {
    readonly spaceId: SpaceId
    readonly after: Followed
    readonly limit: number
  }) => Effect.Effect<{ readonly vectors: ReadonlyArray<AnnotationVector>; readonly followed: Followed }>
  /** A space in which the app has vectors and that it does not use. */
  readonly left: (
    tenantId: TenantId,
    appId: AppId,
    used: ReadonlyArray<SpaceId>
  ) => Effect.Effect<Option.Option<SpaceId>>
  /** Removes up to so many of a space that the app does not use. Answers how many. */
  readonly clear: (
    tenantId: TenantId,
    appId: AppId,
    options: { readonly spaceId: SpaceId; readonly limit: number }
  ) => Effect.Effect<number>
}>()("@sheaf/adapters/repos/annotations/AnnotationVectorsRepo") {
  static readonly layer = Layer.effect(
    AnnotationVectorsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient

      const owed = rows(Owing)
      const owing: AnnotationVectorsRepo["Service"]["owing"] = (tenantId, appId, { epoch, limit }) =>
        owed(sql`select id, question, question_hash as hash from annotations
          where app_id = ${appId} and tenant_id = ${tenantId} and indexed_epoch < ${epoch}
          order by indexed_epoch, id limit ${limit}`)

      const hashed = rows(Schema.Struct({ hash: Schema.String, vector: Schema.Uint8Array }))
      const known: AnnotationVectorsRepo["Service"]["known"] = (tenantId, spaceId, hashes) =>
        Effect.map(
          hashed(sql`select distinct on (text_hash) text_hash as hash, vector from annotation_vectors
            where tenant_id = ${tenantId} and space_id = ${spaceId} and text_hash = any(${[...hashes]}::text[])
            order by text_hash`),
          (found) => new Map(found.map(({ hash, vector }) => [hash, fromBytes(vector)]))
        )

      const save: AnnotationVectorsRepo["Service"]["save"] = (tenantId, appId, { revision, spaceId, vectors }) =>
        vectors.length === 0
          ? Effect.void
          : done(sql`insert into annotation_vectors
              (tenant_id, app_id, annotation_id, space_id, text_hash, vector, revision)
            select ${tenantId}::uuid, ${appId}::uuid, a.id, ${spaceId}, x.hash, x.vector, ${revision}::int
            from unnest(${vectors.map(({ annotationId }) => annotationId)}::uuid[],
              ${vectors.map(({ hash }) => hash)}::text[],
              ${vectors.map(({ vector }) => toBytes(vector))}::bytea[]) as x(id, hash, vector)
            join annotations a on a.tenant_id = ${tenantId} and a.id = x.id and a.question_hash = x.hash
            on conflict (tenant_id, annotation_id, space_id) do update
              set text_hash = excluded.text_hash, vector = excluded.vector, revision = excluded.revision
              where annotation_vectors.text_hash <> excluded.text_hash`)

      const settle: AnnotationVectorsRepo["Service"]["settle"] = (tenantId, some, epoch) =>
        done(sql`update annotations a set indexed_epoch = ${epoch}::int
          from unnest(${some.map(({ id }) => id)}::uuid[], ${some.map(({ hash }) => hash)}::text[]) as x(id, hash)
          where a.tenant_id = ${tenantId} and a.id = x.id and a.question_hash = x.hash`)

      const placed = rows(Placed)
      const since: AnnotationVectorsRepo["Service"]["since"] = Effect.fn("AnnotationVectorsRepo.since")(
        function*(tenantId, appId, { after, limit, spaceId }) {
          const { annotationId, revision } = after
          const from = annotationId === null
            ? sql`revision > ${revision}`
            : sql`(revision, annotation_id) > (${revision}::int, ${annotationId}::uuid)`
          const found = yield* placed(
            sql`select annotation_id, text_hash as hash, vector, revision from annotation_vectors
            where app_id = ${appId} and space_id = ${spaceId} and tenant_id = ${tenantId} and ${from}
            order by revision, annotation_id limit ${limit}`
          )
          const vectors = found.map(({ annotationId, hash, vector }) => ({
            annotationId,
            hash,
            vector: fromBytes(vector)
          }))
          return { vectors, followed: found.at(-1) ?? after }
        }
      )

      // From one space to the next by the index, however many vectors are in each.
      const next = maybeRow(Schema.Struct({ spaceId: SpaceId }))
      const left: AnnotationVectorsRepo["Service"]["left"] = Effect.fnUntraced(function*(tenantId, appId, used) {
        let after = ""
        for (;;) {
          const found = yield* next(sql`select space_id from annotation_vectors
            where app_id = ${appId} and tenant_id = ${tenantId} and space_id > ${after} order by space_id limit 1`)
          if (Option.isNone(found)) return Option.none()
          const { spaceId } = found.value
          if (!used.includes(spaceId)) return Option.some(spaceId)
          after = spaceId
        }
      })

      const counted = oneRow(Schema.Struct({ gone: Schema.Int }))
      const clear: AnnotationVectorsRepo["Service"]["clear"] = (tenantId, appId, { limit, spaceId }) =>
        Effect.map(
          counted(sql`with gone as (
              delete from annotation_vectors where tenant_id = ${tenantId} and space_id = ${spaceId}
                and annotation_id = any(array(select annotation_id from annotation_vectors
                  where app_id = ${appId} and space_id = ${spaceId} and tenant_id = ${tenantId} limit ${limit}))
              returning 1
            )
            select count(*)::int as gone from gone`),
          (row) => row.gone
        )

      return AnnotationVectorsRepo.of({ owing, known, save, settle, since, left, clear })
    })
  )
}

/** Little-endian float32, whatever the machine's own order (every one that Node runs on is little-endian). */
const toBytes = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)

/** Copied: the driver hands out views into its receive buffer, whose offset need not be a multiple of four. */
const fromBytes = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer)
