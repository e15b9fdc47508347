import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import type { LimitChanges } from "@sheaf/domain/admin/Limits"
import type { Allowance } from "@sheaf/domain/admin/LimitsRpcs"
import { TenantNotFound } from "@sheaf/domain/admin/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"

interface Named {
  readonly tenantId: TenantId
}

/** What tenants may have and what they have: of the caller's own, and for operators of any. */
export class Limits extends Context.Service<Limits, {
  readonly own: (caller: Caller) => Effect.Effect<Allowance>
  readonly get: (caller: Caller, tenant: Named) => Effect.Effect<Allowance, TenantNotFound>
  readonly set: (
    caller: Caller,
    change: Named & { readonly limits: LimitChanges }
  ) => Effect.Effect<Allowance, TenantNotFound>
}>()("@sheaf/server/admin/Limits") {
  static readonly layer = Layer.effect(
    Limits,
    Effect.gen(function*() {
      const quotas = yield* QuotasRepo

      const get: Limits["Service"]["get"] = Effect.fn("Limits.get")(function*(_caller, { tenantId }) {
        const found = yield* quotas.allowance(tenantId)
        if (Option.isNone(found)) return yield* new TenantNotFound({ tenantId })
        return found.value
      })

      const set: Limits["Service"]["set"] = Effect.fn("Limits.set")(function*(caller, { limits, tenantId }) {
        if (!(yield* quotas.setLimits(tenantId, limits))) return yield* new TenantNotFound({ tenantId })
        return yield* get(caller, { tenantId })
      })

      return Limits.of({ own: (caller) => Effect.orDie(get(caller, caller)), get, set })
    })
  )
}
