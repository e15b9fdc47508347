import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import type { Tenant } from "@sheaf/domain/admin/Admin"
import type { ServerInfo } from "@sheaf/domain/admin/InfoRpcs"
import { apiVersion } from "@sheaf/domain/apiVersion"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { Context, Effect, Layer } from "effect"
import { tenantOf } from "../edge/tenantOf.ts"
import { Tenants } from "./Tenants.ts"

type Facts = Pick<typeof ServerInfo.Type, "version" | "profile" | "limits">

/** What this server is and offers. */
export class Info extends Context.Service<Info, {
  readonly get: (caller: Caller) => Effect.Effect<typeof ServerInfo.Type>
}>()("@sheaf/server/admin/Info") {
  static readonly layer = (facts: Facts) =>
    Layer.effect(
      Info,
      Effect.gen(function*() {
        const { space } = yield* Embedder
        const tenants = yield* Tenants
        return Info.of({
          get: (caller) => {
            const info = (tenant: Tenant) => ({ ...facts, api: apiVersion, tenant, scopes: caller.scopes, space })
            const found = tenantOf(caller)
            return found === undefined ? Effect.map(tenants.own(caller), info) : Effect.succeed(info(found))
          }
        })
      })
    )
}
