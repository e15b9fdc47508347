import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { Scope } from "../edge/Caller.ts"
import { BadRequest, TenantDeleting } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { ApiKeyId, DatasetId, TenantId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"
import { ApiKey, Tenant, TenantName } from "./Admin.ts"
import { ApiKeyNotFound, TenantNameTaken, TenantNotFound } from "./errors.ts"

/** A new key with its secret: shown this once, stored only as a hash. */
export const NewApiKey = Schema.Struct({ key: ApiKey, secret: Schema.String })

export class AdminRpcs extends RpcGroup.make(
  /** A key can give no scope that it does not hold, and no dataset that it may not see. */
  mutation("KeysCreate", {
    payload: {
      name: Schema.String.check(Schema.isBetweenLength(1, 120), isStorable),
      scopes: Schema.Array(Scope).check(Schema.isBetweenLength(1, 4)),
      datasetIds: Schema.optionalKey(Schema.Array(DatasetId).check(Schema.isBetweenLength(1, 100))),
      expiresAt: Schema.optionalKey(Timestamp)
    },
    success: NewApiKey,
    error: Schema.Union([DatasetNotFound, BadRequest])
  }),
  Rpc.make("KeysList", { payload: PageFields, success: Page(ApiKey), error: BadRequest }),
  /** The key that asks. */
  Rpc.make("KeysOwn", { success: ApiKey }),
  /** Refused from the next call on. */
  mutation("KeysRevoke", { payload: { keyId: ApiKeyId }, success: ApiKey, error: ApiKeyNotFound }),
  /** Makes a tenant and its first key, with the scope `admin`. */
  mutation("TenantsCreate", {
    payload: { name: TenantName },
    success: Schema.Struct({ tenant: Tenant, key: NewApiKey }),
    error: TenantNameTaken
  }),
  Rpc.make("TenantsList", { payload: PageFields, success: Page(Tenant), error: BadRequest }),
  mutation("TenantsSetState", {
    payload: { tenantId: TenantId, state: Schema.Literals(["active", "suspended"]) },
    success: Tenant,
    error: Schema.Union([TenantNotFound, TenantDeleting])
  })
) {}
