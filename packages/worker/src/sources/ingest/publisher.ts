import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, type TenantId } from "@sheaf/domain/ids"
import type { IngestEvent } from "@sheaf/domain/ingest/IngestEvent"

/** Stands where the id of a key would: no key has it. */
const keyId = ApiKeyId.make(derivedId("publisher", "nats"))

/** Who an event comes from: somebody who may write to the tenant, for the person that the event names. */
export const publisherOf = (tenantId: TenantId, event: IngestEvent): Caller =>
  new Caller({
    tenantId,
    keyId,
    scopes: ["write"],
    datasetIds: null,
    ...(event.onBehalfOf !== undefined && { onBehalfOf: event.onBehalfOf })
  })
