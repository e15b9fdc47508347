import { Actor } from "@sheaf/domain/edge/Caller"
import { ApiKeyId } from "@sheaf/domain/ids"

/** In whose name something is done that nobody asked for: no key has this id. */
export const installation = new Actor({ keyId: ApiKeyId.make("00000000-0000-0000-0000-000000000000") })
