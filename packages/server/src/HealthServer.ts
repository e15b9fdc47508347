import { Context, Effect, Layer } from "effect"
import { HttpMiddleware, HttpRouter, HttpServer } from "effect/http"
import * as Health from "./http/health.ts"
import * as Listener from "./http/listener.ts"
import * as Metrics from "./http/metrics.ts"

/** Health and metrics alone, over HTTP: for a process that serves nothing else. */
export class HealthServer extends Context.Service<HealthServer, {
  /** Where it can be reached from this machine. */
  readonly url: string
}>()("@sheaf/server/HealthServer") {
  static readonly layer = (options: { readonly host: string; readonly port: number }) =>
    Layer.effect(HealthServer, Effect.map(HttpServer.HttpServer, Listener.describe)).pipe(
      Layer.provide(
        // Nobody wants to read traces of somebody asking after our health.
        HttpRouter.serve(Layer.mergeAll(Health.layer, Metrics.layer), { disableLogger: true, disableListenLog: true })
          .pipe(
            Layer.provide(Layer.succeed(HttpMiddleware.TracerDisabledWhen, () => true))
          )
      ),
      Layer.provide(Listener.layer(options))
    )
}
