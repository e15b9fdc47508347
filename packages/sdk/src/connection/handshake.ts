import { apiVersion } from "@sheaf/domain/ApiRpcs"
import type { Scope } from "@sheaf/domain/edge/Caller"
import { type Cause, Effect, Predicate } from "effect"
import {
  Forbidden,
  type InternalError,
  type TenantSuspended,
  type Unauthorized,
  type Unavailable
} from "../errors/api.ts"
import { KeyInBrowser, Unreachable, VersionSkew } from "../errors/client.ts"
import { fromWire } from "../errors/fromWire.ts"
import type { Endpoint } from "./Endpoint.ts"
import type { RawClient, WireError } from "./rpc.ts"

export type HandshakeError =
  | Unreachable
  | VersionSkew
  | KeyInBrowser
  | Unauthorized
  | TenantSuspended
  | Unavailable
  | InternalError

/**
 * The first question on a new connection: does the server speak this version, and may this key be used here? A key that may not
 * even ask (an operator's without "read") is let through: the server decides about its calls.
 */
export const handshake = Effect.fnUntraced(function*(client: RawClient, endpoint: Endpoint["Service"]) {
  const asked = Effect.timeoutOrElse(client.send("AdminInfo", undefined, { headers: endpoint.messageHeaders }), {
    duration: endpoint.connectTimeout,
    orElse: () =>
      Effect.fail(new Unreachable({ url: endpoint.url, reason: "it accepts connections but does not answer" }))
  })
  const info = yield* Effect.catchCause(asked, (cause) => refused(cause, endpoint.url))
  const { api, scopes } = info as { readonly api: number; readonly scopes: ReadonlyArray<Scope> }
  if (api !== apiVersion) return yield* new VersionSkew({ client: apiVersion, server: api })
  const powers = scopes.filter((scope) => scope === "admin" || scope === "operator")
  if (powers.length > 0 && isBrowser() && !endpoint.allowBrowser) return yield* new KeyInBrowser({ scopes: powers })
})

const refused = (cause: Cause.Cause<WireError | Unreachable>, url: string): Effect.Effect<unknown, HandshakeError> => {
  const error = fromWire(cause, { operation: "AdminInfo", url })
  if (error instanceof Forbidden) return Effect.succeed({ api: apiVersion, scopes: ["operator"] })
  switch (error?._tag) {
    case "Unreachable":
    case "VersionSkew":
    case "Unauthorized":
    case "TenantSuspended":
    case "Unavailable":
    case "InternalError":
      return Effect.fail(error)
    case undefined:
      return Effect.failCause(cause as Cause.Cause<never>)
    default:
      return Effect.fail(new VersionSkew({ client: apiVersion, server: null }))
  }
}

/** A page or a worker of one; not Node, Deno or Bun, nor a test that only pretends to have a document. */
const isBrowser = (): boolean =>
  "window" in globalThis && "document" in globalThis && !Predicate.hasProperty(globalThis.process?.versions, "node")
