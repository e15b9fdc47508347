import { Schema } from "effect"
import { Scope } from "../edge/Caller.ts"
import { ApiKeyId, DatasetId, TenantId } from "../ids.ts"
import { Timestamp } from "../time.ts"

/** A key as it can be shown: its secret is known only to whoever made it. */
export class ApiKey extends Schema.Class<ApiKey>("@sheaf/domain/admin/Admin/ApiKey")({
  id: ApiKeyId,
  name: Schema.String,
  /** The first characters of the secret, to tell keys apart. */
  prefix: Schema.String,
  scopes: Schema.Array(Scope),
  datasetIds: Schema.NullOr(Schema.Array(DatasetId)),
  createdAt: Timestamp,
  expiresAt: Schema.NullOr(Timestamp),
  revokedAt: Schema.NullOr(Timestamp),
  lastUsedAt: Schema.NullOr(Timestamp)
}) {}

export const TenantName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$|^[a-z0-9]$/, {
    expected: "up to 40 lower-case letters, digits and hyphens, a letter or digit at both ends"
  })
)

/** Owner of everything below it. Tenants know nothing of each other. */
export class Tenant extends Schema.Class<Tenant>("@sheaf/domain/admin/Admin/Tenant")({
  id: TenantId,
  name: TenantName,
  /** `deleting`: every key is refused, and what the tenant owns is being removed. */
  state: Schema.Literals(["active", "suspended", "deleting"]),
  createdAt: Timestamp
}) {}
