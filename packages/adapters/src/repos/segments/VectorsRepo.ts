import type { SpaceId, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { traced } from "../../tracing/traced.ts"
import { rows } from "../rows.ts"
import { vectorLock } from "./vectorLock.ts"

/** Vectors that this process has just written are wanted again at once, by the index: so many stay in memory, 2 KB each. */
const mostRecent = 512

/** Vectors by the text they were made of: the embedding cache of a tenant, and what an index can be rebuilt from. */
export class VectorsRepo extends Context.Service<VectorsRepo, {
  readonly find: (
    tenantId: TenantId,
    spaceId: SpaceId,
    textHashes: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Float32Array>>
  /** A vector that is there already stays. For a run that is not over: its segments stay as long. */
  readonly save: (
    tenantId: TenantId,
    spaceId: SpaceId,
    vectors: ReadonlyMap<string, Float32Array>
  ) => Effect.Effect<void>
  /** In a transaction: the same for texts of which a segment is left, as others may have been taken away meanwhile. */
  readonly saveWanted: (
    tenantId: TenantId,
    spaceId: SpaceId,
    vectors: ReadonlyMap<string, Float32Array>
  ) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/segments/VectorsRepo") {
  static readonly layer = Layer.effect(
    VectorsRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      /** Only bytes are remembered: whether there is a vector is always asked of the table. */
      const recent = new Map<string, Float32Array>()
      const key = (tenantId: TenantId, spaceId: SpaceId, textHash: string) => `${tenantId} ${spaceId} ${textHash}`
      const remember = (name: string, vector: Float32Array) => {
        recent.set(name, vector)
        for (const old of recent.keys()) {
          if (recent.size <= mostRecent) break
          recent.delete(old)
        }
      }

      const found = rows(Schema.Struct({ textHash: Schema.String, vector: Schema.NullOr(Schema.Uint8Array) }))
      const find: VectorsRepo["Service"]["find"] = Effect.fn("VectorsRepo.find")(
        function*(tenantId, spaceId, textHashes) {
          const known = new Map(textHashes.flatMap((hash) => {
            const vector = recent.get(key(tenantId, spaceId, hash))
            return vector === undefined ? [] : [[hash, vector] as const]
          }))
          const vectors = yield* found(sql`select text_hash,
              case when text_hash = any(${[...known.keys()]}::text[]) then null else vector end as vector
            from vectors
            where tenant_id = ${tenantId} and space_id = ${spaceId} and text_hash = any(${[...textHashes]}::text[])`)
          return new Map(
            vectors.map((row) => [row.textHash, row.vector === null ? known.get(row.textHash)! : fromBytes(row.vector)])
          )
        }
      )

      const inserted = rows(Schema.Struct({ textHash: Schema.String }))
      const write = Effect.fnUntraced(function*(
        tenantId: TenantId,
        spaceId: SpaceId,
        vectors: ReadonlyMap<string, Float32Array>,
        condition: Statement.Fragment
      ) {
        if (vectors.size === 0) return
        // In one order for all: whoever writes the same texts at the same time waits, and neither for the other.
        const hashes = [...vectors.keys()].sort()
        const fresh = yield* inserted(sql`
          insert into vectors (tenant_id, space_id, text_hash, vector)
          select ${tenantId}::uuid, ${spaceId}, x.text_hash, x.vector
          from unnest(${hashes}::text[], ${
          hashes.map((hash) => toBytes(vectors.get(hash)!))
        }::bytea[]) as x(text_hash, vector)
          where ${condition}
          on conflict do nothing returning text_hash`)
        yield* sql.afterCommit(Effect.sync(() => {
          for (const { textHash } of fresh) remember(key(tenantId, spaceId, textHash), vectors.get(textHash)!)
        }))
      }, traced("VectorsRepo.write"))

      const save: VectorsRepo["Service"]["save"] = (tenantId, spaceId, vectors) =>
        write(tenantId, spaceId, vectors, sql`true`)

      const saveWanted: VectorsRepo["Service"]["saveWanted"] = (tenantId, spaceId, vectors) =>
        Effect.andThen(
          vectorLock(sql, tenantId, "shared"),
          write(
            tenantId,
            spaceId,
            vectors,
            sql`exists (select 1 from segments s where s.tenant_id = ${tenantId}::uuid and s.text_hash = x.text_hash)`
          )
        )

      return VectorsRepo.of({ find, save, saveWanted })
    })
  )
}

/** Little-endian float32, whatever the machine's own order (every one that Node runs on is little-endian). */
const toBytes = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)

/** Copied: the driver hands out views into its receive buffer, whose offset need not be a multiple of four. */
const fromBytes = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer)
