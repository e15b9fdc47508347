import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Scope } from "../edge/Caller.ts"
import { Space } from "../spaces/Space.ts"
import { Tenant } from "./Admin.ts"

/** What this server is and offers: asked before anything else, so that a client of another version can say so. */
export const ServerInfo = Schema.Struct({
  version: Schema.String,
  api: Schema.Int,
  profile: Schema.Literals(["embedded", "production"]),
  tenant: Tenant,
  scopes: Schema.Array(Scope),
  space: Space,
  limits: Schema.Struct({ maxUploadBytes: Schema.Finite, maxPages: Schema.Int, maxSegments: Schema.Int })
})

export class InfoRpcs extends RpcGroup.make(Rpc.make("AdminInfo", { success: ServerInfo })) {}
