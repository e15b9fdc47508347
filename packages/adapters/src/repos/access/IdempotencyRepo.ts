import type { TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { done, expiryPage, maybeRow, rows } from "../rows.ts"

const Stored = Schema.Struct({
  operation: Schema.String,
  payloadHash: Schema.String,
  answer: Schema.NullOr(Schema.String)
})
export type Stored = typeof Stored.Type

/** Answers of mutations by their idempotency key, kept for 24 hours. */
export class IdempotencyRepo extends Context.Service<IdempotencyRepo, {
  /**
   * Takes a key within the caller's transaction. `None`: it is the caller's, who must `store` the answer before the commit. A
   * concurrent transaction with the same key waits for this one and then finds its answer, or takes the key if it failed.
   */
  readonly take: (
    tenantId: TenantId,
    key: string,
    operation: string,
    payloadHash: string
  ) => Effect.Effect<Option.Option<Stored>>
  readonly store: (tenantId: TenantId, key: string, answer: string) => Effect.Effect<void>
  readonly expire: Effect.Effect<number>
}>()("@sheaf/adapters/repos/access/IdempotencyRepo") {
  static readonly layer = Layer.effect(
    IdempotencyRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const inserted = maybeRow(Schema.Struct({ key: Schema.String }))
      const stored = maybeRow(Stored)
      const take: IdempotencyRepo["Service"]["take"] = Effect.fn("IdempotencyRepo.take")(
        function*(tenantId, key, operation, payloadHash) {
          const mine = yield* inserted(sql`
            insert into idempotency_keys (tenant_id, key, operation, payload_hash)
            values (${tenantId}, ${key}, ${operation}, ${payloadHash})
            on conflict (tenant_id, key) do update
              set operation = excluded.operation, payload_hash = excluded.payload_hash, answer = null, created_at = now()
              where idempotency_keys.created_at < now() - interval '24 hours'
            returning key`)
          if (Option.isSome(mine)) return Option.none()
          return yield* stored(sql`select operation, payload_hash, answer::text from idempotency_keys
            where tenant_id = ${tenantId} and key = ${key}`)
        }
      )
      const gone = rows(Schema.Struct({ key: Schema.String }))
      return IdempotencyRepo.of({
        take,
        store: (tenantId, key, answer) =>
          done(
            sql`update idempotency_keys set answer = ${answer}::jsonb where tenant_id = ${tenantId} and key = ${key}`
          ),
        expire: Effect.map(
          gone(sql`delete from idempotency_keys where ctid = any(array(select ctid from idempotency_keys
            where created_at < now() - interval '24 hours' limit ${expiryPage})) returning key`),
          (keys) => keys.length
        )
      })
    })
  )
}
