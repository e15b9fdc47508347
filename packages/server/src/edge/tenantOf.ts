import type { Tenant } from "@sheaf/domain/admin/Admin"
import type { Caller } from "@sheaf/domain/edge/Caller"

const tenants = new WeakMap<Caller, Tenant>()

/** Keeps with a caller the tenant that was found with his key. */
export const withTenant = (caller: Caller, tenant: Tenant): Caller => {
  tenants.set(caller, tenant)
  return caller
}

/** The tenant of a caller as it was when his key was looked up, so no older than his call; absent where the caller was made otherwise. */
export const tenantOf = (caller: Caller): Tenant | undefined => tenants.get(caller)
