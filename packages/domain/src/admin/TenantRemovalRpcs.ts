import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { TenantId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { TenantName } from "./Admin.ts"
import { TenantNotFound, TenantProtected } from "./errors.ts"

/** What is kept of a tenant that was deleted, for good: nothing that it owned is among it. */
export class TenantRemoval extends Schema.Class<TenantRemoval>("@sheaf/domain/admin/TenantRemovalRpcs/TenantRemoval")({
  id: TenantId,
  name: TenantName,
  requestedAt: Timestamp,
  /** When rows, index entries and blobs of the tenant were counted as zero; `null`: not yet. */
  deletedAt: Schema.NullOr(Timestamp),
  /** How much of each kind has gone so far. */
  removed: Schema.Record(Schema.String, Schema.Finite)
}) {}

export class TenantRemovalRpcs extends RpcGroup.make(
  /**
   * Deletes a tenant with all that it owns. Its keys are refused from the commit on; the rest goes in the background until every table,
   * the index and the blobs were counted as zero. Once more is fine, and answers how far it is.
   */
  mutation("TenantsDelete", {
    payload: { tenantId: TenantId },
    success: TenantRemoval,
    error: Schema.Union([TenantNotFound, TenantProtected])
  }),
  /** Tenants that were deleted or are being deleted, the latest first. */
  Rpc.make("TenantsRemovals", { payload: PageFields, success: Page(TenantRemoval), error: BadRequest })
) {}
