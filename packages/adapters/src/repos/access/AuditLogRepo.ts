import { Actor } from "@sheaf/domain/edge/Caller"
import type { TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { newId } from "../newId.ts"
import { done, json } from "../rows.ts"

const AuditId = Schema.String.check(Schema.isUUID()).pipe(Schema.brand("AuditId"))

/** Who changed what: one entry per mutation, written in its transaction and never changed. */
export class AuditLogRepo extends Context.Service<AuditLogRepo, {
  readonly append: (tenantId: TenantId, entry: {
    readonly operation: string
    readonly actor: Actor
    /** The ids that the operation named, never texts or secrets. */
    readonly target: Readonly<Record<string, unknown>>
  }) => Effect.Effect<void>
}>()("@sheaf/adapters/repos/access/AuditLogRepo") {
  static readonly layer = Layer.effect(
    AuditLogRepo,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const append: AuditLogRepo["Service"]["append"] = Effect.fn("AuditLogRepo.append")(function*(tenantId, entry) {
        const id = yield* newId(AuditId)
        const actor = yield* Effect.orDie(Schema.encodeEffect(Actor)(entry.actor))
        yield* done(sql`insert into audit_log (tenant_id, id, operation, actor, target)
          values (${tenantId}, ${id}, ${entry.operation}, ${json(actor)}::jsonb, ${json(entry.target)}::jsonb)`)
      })
      return AuditLogRepo.of({ append })
    })
  )
}
