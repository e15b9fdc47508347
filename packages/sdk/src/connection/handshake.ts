import type { ServerInfo } from "@sheaf/domain/admin/InfoRpcs"
import { apiVersion } from "@sheaf/domain/apiVersion"
import { Effect, Predicate } from "effect"
import { KeyInBrowser, Unreachable, VersionSkew } from "../errors/client.ts"
import { loadCodec } from "./codecs.ts"
import type { Endpoint } from "./Endpoint.ts"
import type { Wire, WireError } from "./openWire.ts"

/**
 * The first question on a new connection: does the server speak this version, and may this key be used here? A key that may not
 * even ask (an operator's without "read", or one of a tenant that is suspended) is let through: the server decides about its calls,
 * and an operator must be able to resume the tenant that the key belongs to.
 */
export const handshake = Effect.fnUntraced(
  function*(wire: Wire, endpoint: Endpoint): Effect.fn.Return<void, WireError | KeyInBrowser> {
    yield* Effect.orDie(loadCodec("AdminInfo"))
    const info = yield* wire.run("AdminInfo", null).pipe(
      Effect.timeoutOrElse({
        duration: endpoint.connectTimeoutMs,
        orElse: () =>
          Effect.fail(new Unreachable({ url: endpoint.url, reason: "it accepts connections, but does not answer" }))
      }),
      Effect.map((answer) => answer as typeof ServerInfo.Type),
      Effect.catchTags({
        Forbidden: () => Effect.succeed({ api: apiVersion, scopes: ["operator"] as const }),
        TenantSuspended: (error) =>
          isBrowser() ? Effect.fail(error) : Effect.succeed({ api: apiVersion, scopes: [] as const }),
        UnknownOperation: () => Effect.fail(new VersionSkew({ client: apiVersion, server: null }))
      })
    )
    if (info.api !== apiVersion) return yield* new VersionSkew({ client: apiVersion, server: info.api })
    const scopes = info.scopes.filter((scope) => scope === "admin" || scope === "operator")
    if (scopes.length > 0 && isBrowser() && !endpoint.allowBrowser) return yield* new KeyInBrowser({ scopes })
  }
)

/** A page or a worker of one; not Node, Deno or Bun, nor a test there that only pretends to have a document. */
const isBrowser = (): boolean =>
  ("document" in globalThis || "WorkerGlobalScope" in globalThis) &&
  !Predicate.hasProperty(globalThis.process?.versions, "node")
