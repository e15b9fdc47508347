import { TenantRemovalRpcs } from "@sheaf/domain/admin/TenantRemovalRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { TenantRemovals } from "./TenantRemovals.ts"

const group = TenantRemovalRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const removals = yield* TenantRemovals
  return group.of({
    TenantsDelete: withCaller(removals.remove),
    TenantsRemovals: withCaller(removals.list)
  })
}))
