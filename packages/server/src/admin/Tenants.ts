import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import type { Tenant } from "@sheaf/domain/admin/Admin"
import { type NewApiKey } from "@sheaf/domain/admin/AdminRpcs"
import { TenantNameTaken, TenantNotFound } from "@sheaf/domain/admin/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { type BadRequest, TenantDeleting } from "@sheaf/domain/edge/errors"
import type { PageCursor, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer, Option } from "effect"
import { pageOr } from "../edge/pageOr.ts"
import { sharing } from "../edge/sharing.ts"
import { Keys } from "./Keys.ts"

/** Tenants, for operators: the only service that reaches beyond the caller's own. */
export class Tenants extends Context.Service<Tenants, {
  /** With a first key that has the scope `admin`. */
  readonly create: (
    caller: Caller,
    tenant: { readonly name: string }
  ) => Effect.Effect<{ readonly tenant: Tenant; readonly key: typeof NewApiKey.Type }, TenantNameTaken>
  readonly list: (
    caller: Caller,
    options: PageOptions
  ) => Effect.Effect<{ readonly items: ReadonlyArray<Tenant>; readonly next?: PageCursor }, BadRequest>
  /** Calls of a suspended tenant are refused from the commit on. */
  readonly setState: (
    caller: Caller,
    change: { readonly tenantId: TenantId; readonly state: "active" | "suspended" }
  ) => Effect.Effect<Tenant, TenantNotFound | TenantDeleting>
  /** The caller's own. */
  readonly own: (caller: Caller) => Effect.Effect<Tenant>
}>()("@sheaf/server/admin/Tenants") {
  static readonly layer = Layer.effect(
    Tenants,
    Effect.gen(function*() {
      const keys = yield* Keys
      const repo = yield* TenantsRepo
      const find = yield* sharing(repo.find)

      const create: Tenants["Service"]["create"] = Effect.fn("Tenants.create")(function*(caller, { name }) {
        const inserted = yield* repo.insert(name)
        if (Option.isNone(inserted)) return yield* new TenantNameTaken({ name })
        const tenant = inserted.value
        const key = yield* keys.grant(tenant.id, {
          name: "first key",
          scopes: ["admin"],
          datasetIds: null,
          expiresAt: null,
          createdBy: caller.actor
        })
        return { tenant, key }
      })

      const setState: Tenants["Service"]["setState"] = Effect.fn("Tenants.setState")(
        function*(_caller, { state, tenantId }) {
          const changed = yield* repo.setState(tenantId, state)
          if (Option.isSome(changed)) return changed.value
          return yield* Option.isSome(yield* repo.find(tenantId))
            ? Effect.fail(new TenantDeleting({ tenantId }))
            : Effect.fail(new TenantNotFound({ tenantId }))
        }
      )

      return Tenants.of({
        create,
        list: (_caller, options) => pageOr(repo.list(options)),
        setState,
        own: (caller) => Effect.orDie(Effect.flatMap(find(caller.tenantId), Effect.fromOption))
      })
    })
  )
}
