import { AdminRpcs } from "@sheaf/domain/admin/AdminRpcs"
import { InfoRpcs } from "@sheaf/domain/admin/InfoRpcs"
import { DeadLettersRpcs } from "@sheaf/domain/admin/DeadLettersRpcs"
import { CurrentCaller } from "@sheaf/domain/edge/Caller"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { DeadLetters } from "./DeadLetters.ts"
import { Info } from "./Info.ts"
import { Keys } from "./Keys.ts"
import { Tenants } from "./Tenants.ts"

const group = InfoRpcs.merge(AdminRpcs, DeadLettersRpcs).middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const deadLetters = yield* DeadLetters
  const info = yield* Info
  const keys = yield* Keys
  const tenants = yield* Tenants
  return group.of({
    AdminInfo: () => Effect.flatMap(CurrentCaller, info.get),
    DeadLettersList: withCaller(deadLetters.list),
    DeadLettersRequeue: withCaller(deadLetters.requeue),
    KeysCreate: withCaller(keys.create),
    KeysList: withCaller(keys.list),
    KeysOwn: () => Effect.flatMap(CurrentCaller, keys.own),
    KeysRevoke: withCaller(keys.revoke),
    TenantsCreate: withCaller(tenants.create),
    TenantsList: withCaller(tenants.list),
    TenantsSetState: withCaller(tenants.setState)
  })
}))
