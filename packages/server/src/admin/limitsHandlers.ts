import { LimitsRpcs } from "@sheaf/domain/admin/LimitsRpcs"
import { CurrentCaller } from "@sheaf/domain/edge/Caller"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Limits } from "./Limits.ts"

const group = LimitsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const limits = yield* Limits
  return group.of({
    AdminUsage: () => Effect.flatMap(CurrentCaller, limits.own),
    TenantsUsage: withCaller(limits.get),
    TenantsSetLimits: withCaller(limits.set)
  })
}))
