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
  static readonly layer = (place: Place) => serving(Layer.mergeAll(Health.layer, Metrics.layer), place)

  /** Health without metrics, for a process that has no database yet. */
  static readonly layerWaiting = (place: Place) => serving(Health.layer, place)
}

interface Place {
  readonly host: string
  readonly port: number
}

const serving = <E, R>(routes: Layer.Layer<never, E, R>, place: Place) =>
  Layer.effect(HealthServer, Effect.map(HttpServer.HttpServer, Listener.describe)).pipe(
    Layer.provide(
      // Nobody wants to read traces of somebody asking after our health.
      HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
        Layer.provide(Layer.succeed(HttpMiddleware.TracerDisabledWhen, () => true))
      )
    ),
    Layer.provide(Listener.layer(place))
  )
