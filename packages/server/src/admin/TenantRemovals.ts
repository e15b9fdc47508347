import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import type { PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { TombstonesRepo } from "@sheaf/adapters/repos/upkeep/TombstonesRepo"
import type { TenantNotFound } from "@sheaf/domain/admin/errors"
import type { TenantRemoval } from "@sheaf/domain/admin/TenantRemovalRpcs"
import type { TenantProtected } from "@sheaf/domain/admin/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { PageCursor, TenantId } from "@sheaf/domain/ids"
import { Context, Effect, Layer } from "effect"
import { pageOr } from "../edge/pageOr.ts"

/** The end of tenants, for operators. */
export class TenantRemovals extends Context.Service<TenantRemovals, {
  /** Part of the caller's transaction; its keys are refused from the commit on. */
  readonly remove: (
    caller: Caller,
    tenant: { readonly tenantId: TenantId }
  ) => Effect.Effect<TenantRemoval, TenantNotFound | TenantProtected>
  readonly list: (
    caller: Caller,
    options: PageOptions
  ) => Effect.Effect<{ readonly items: ReadonlyArray<TenantRemoval>; readonly next?: PageCursor }, BadRequest>
}>()("@sheaf/server/admin/TenantRemovals") {
  static readonly layer = Layer.effect(
    TenantRemovals,
    Effect.gen(function*() {
      const removal = yield* Removal
      const tombstones = yield* TombstonesRepo
      return TenantRemovals.of({
        remove: (caller, { tenantId }) => removal.tenant(caller, tenantId),
        list: (_caller, options) => pageOr(tombstones.list(options))
      })
    })
  )
}
