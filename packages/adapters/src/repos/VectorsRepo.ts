import type { SpaceId, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, rows } from "./rows.ts"

/** Vectors by the text they were made of: the embedding cache of a tenant, and what an index can be rebuilt from. */
export class VectorsRepo extends Context.Service<VectorsRepo, {
  readonly find: (
    tenantId: TenantId,
    spaceId: SpaceId,
    textHashes: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Float32Array>>
  /** A vector that is there already stays. */
  readonly save: (
    tenantId: TenantId,
    spaceId: SpaceId,
    vectors: ReadonlyMap<string, Float32Array>
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/VectorsRepo") {
  static readonly layer = Layer.effect(
    VectorsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const found = rows(Schema.Struct({ textHash: Schema.String, vector: Schema.Uint8Array }))

      const find: VectorsRepo["Service"]["find"] = Effect.fn("VectorsRepo.find")(
        function*(tenantId, spaceId, textHashes) {
          const vectors = yield* found(sql`select text_hash, vector from vectors
          where tenant_id = ${tenantId} and space_id = ${spaceId} and text_hash = any(${[...textHashes]}::text[])`)
          return new Map(vectors.map((row) => [row.textHash, fromBytes(row.vector)]))
        }
      )

      const save: VectorsRepo["Service"]["save"] = (tenantId, spaceId, vectors) =>
        vectors.size === 0 ? Effect.void : done(sql`
          insert into vectors (tenant_id, space_id, text_hash, vector)
          select ${tenantId}::uuid, ${spaceId}, x.text_hash, x.vector
          from unnest(${[...vectors.keys()]}::text[], ${
          [...vectors.values()].map(toBytes)
        }::bytea[]) as x(text_hash, vector)
          on conflict do nothing`)

      return VectorsRepo.of({ find, save })
    })
  )
}

/** Little-endian float32, whatever the machine's own order (every one that Node runs on is little-endian). */
const toBytes = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)

/** Copied: the driver hands out views into its receive buffer, whose offset need not be a multiple of four. */
const fromBytes = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer)
