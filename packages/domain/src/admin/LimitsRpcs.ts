import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { mutation } from "../edge/mutation.ts"
import { TenantId } from "../ids.ts"
import { TenantNotFound } from "./errors.ts"
import { LimitChanges, TenantLimits, TenantUsage } from "./Limits.ts"

/** What a tenant may have, and what it has. */
export const Allowance = Schema.Struct({ limits: TenantLimits, usage: TenantUsage })
export type Allowance = typeof Allowance.Type

export class LimitsRpcs extends RpcGroup.make(
  /** Of the caller's own tenant. */
  Rpc.make("AdminUsage", { success: Allowance }),
  Rpc.make("TenantsUsage", { payload: { tenantId: TenantId }, success: Allowance, error: TenantNotFound }),
  /** Holds from the commit on. What a tenant has beyond a lower limit stays; it can only not have more. */
  mutation("TenantsSetLimits", {
    payload: { tenantId: TenantId, limits: LimitChanges },
    success: Allowance,
    error: TenantNotFound
  })
) {}
