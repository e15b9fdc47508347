import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type TenantId } from "@sheaf/domain/ids"

const keyId = ApiKeyId.make(derivedId("reader", "nats"))

/** Whoever may subscribe to a tenant's subjects reads as its administrators do: whom a message is for, NATS cannot know. */
export const readerOf = (tenantId: TenantId): Caller =>
  new Caller({ tenantId, keyId, scopes: ["admin"], datasetIds: null })
