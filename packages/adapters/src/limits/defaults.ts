import { type TenantLimits, unlimited } from "@sheaf/domain/admin/Limits"
import { Context } from "effect"

/** The limits of tenants for whom an operator has set none. */
export const LimitDefaults = Context.Reference<TenantLimits>("@sheaf/adapters/limits/defaults/LimitDefaults", {
  defaultValue: () => unlimited
})
