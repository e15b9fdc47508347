import type { Actor } from "@sheaf/domain/edge/Caller"
import type { TenantId } from "@sheaf/domain/ids"

/** For whom something is done, and in whose name: what they may see was checked before. */
export interface By {
  readonly tenantId: TenantId
  readonly actor: Actor
}
