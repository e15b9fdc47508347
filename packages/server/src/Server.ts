import type { ServerInfo } from "@sheaf/domain/admin/InfoRpcs"
import { UnknownOperation } from "@sheaf/domain/edge/errors"
import { limits as defaultLimits } from "@sheaf/domain/limits"
import { Context, type Duration, Effect, Layer } from "effect"
import { HttpMiddleware, HttpRouter, HttpServer } from "effect/http"
import { answering } from "./http/answers.ts"
import * as AssetRoutes from "./http/assets.ts"
import { Dispatcher } from "./http/Dispatcher.ts"
import * as Downloads from "./http/downloads.ts"
import * as Health from "./http/health.ts"
import * as ImportRoutes from "./http/imports.ts"
import * as JsonRpc from "./http/jsonRpc.ts"
import * as Listener from "./http/listener.ts"
import * as Metrics from "./http/metrics.ts"
import { cors, makeOrigins } from "./http/origins.ts"
import * as PageRoutes from "./http/pages.ts"
import * as RpcMounts from "./http/rpc.ts"
import * as UploadRoutes from "./http/uploads.ts"
import * as Welcome from "./http/welcome.ts"
import * as Operations from "./Operations.ts"

type Limits = typeof ServerInfo.Type["limits"]

export interface ServerOptions {
  /** Default: loopback. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  /** Of this program, as clients are told. */
  readonly version: string
  readonly profile: typeof ServerInfo.Type["profile"]
  /** Origins of pages that may call this server, such as `https://app.example.com`; `*` for all. Default: none. */
  readonly corsOrigins?: ReadonlyArray<string>
  readonly limits?: Partial<Limits>
  /** How long requests may go on when the server stops. Default: 800 ms. */
  readonly grace?: Duration.Duration
}

/** Not for HEAD, which the routes for GET answer. */
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const

const unknownRoutes = HttpRouter.addAll(
  methods.map((method) =>
    HttpRouter.route(
      method,
      "/*",
      (request) =>
        Effect.fail(new UnknownOperation({ operation: `${method} ${request.url.split("?")[0]}` })).pipe(
          answering("Unknown")
        )
    )
  )
)

/**
 * A connection that calls come over is no part of a trace, each call begins its own; and nobody wants to read how often somebody asked
 * after our health.
 */
const untraced = Layer.succeed(
  HttpMiddleware.TracerDisabledWhen,
  ({ url }) => url === "/rpc" || url.startsWith("/health/") || url === "/metrics"
)

/** The API over HTTP and WebSocket, listening while its scope is open. */
export class Server extends Context.Service<Server, {
  /** Where it can be reached from this machine, such as `http://127.0.0.1:7420`. */
  readonly url: string
  readonly port: number
}>()("@sheaf/server/Server") {
  /** Open are the adapters' services alone. Fails where the address is taken. */
  static readonly layer = (options: ServerOptions) => {
    const limits = { ...defaultLimits, ...options.limits }
    const origins = makeOrigins(options.corsOrigins ?? [])
    const operations = Operations.layer({ ...options, limits })
    const routes = Layer.mergeAll(
      RpcMounts.layer(origins),
      JsonRpc.layer(options.version).pipe(Layer.provide(Dispatcher.layer)),
      UploadRoutes.layer,
      Downloads.layer,
      AssetRoutes.layer,
      ImportRoutes.layer,
      PageRoutes.layer,
      Health.layer,
      Metrics.layer,
      Welcome.layer,
      unknownRoutes,
      cors(origins)
    ).pipe(Layer.provide(operations))
    const listener = Listener.layer({
      host: options.host ?? "127.0.0.1",
      port: options.port ?? 0,
      grace: options.grace
    })
    const served = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provide(RpcMounts.bodyLimit),
      Layer.provide(untraced)
    )
    return Layer.effect(Server, Effect.map(HttpServer.HttpServer, Listener.describe)).pipe(
      Layer.provide(served),
      Layer.provide(listener)
    )
  }
}
