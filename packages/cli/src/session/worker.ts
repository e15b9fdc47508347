import { Health } from "@sheaf/adapters/health/Health"
import type { Settings } from "@sheaf/adapters/settings"
import { HealthServer } from "@sheaf/server/HealthServer"
import * as Worker from "@sheaf/worker/Worker"
import { Context, Effect, Layer, Option } from "effect"
import { hostname } from "node:os"
import { version } from "../version.ts"
import { jail, logToStderr, natsInterface, telemetry } from "./parts.ts"
import { reachable } from "./reachable.ts"
import { failsAs } from "./startup.ts"
import { Working } from "./Working.ts"

/** Where health and metrics are asked for, if anywhere. */
const healthPlace = ({ healthHost: host, healthPort }: Settings) =>
  Option.getOrUndefined(Option.map(healthPort, (port) => ({ host, port })))

/** Health and metrics, where a port is given for them. */
const healthUrl = (settings: Settings) => {
  const place = healthPlace(settings)
  return place === undefined ? Effect.succeedNone : Effect.asSome(Layer.build(HealthServer.layer(place)))
}

/** A worker: does what is owed, beside any number of others. What it has begun may go on for a while when it is asked to stop. */
export const layer = (settings: Settings) => {
  const worker = Worker.layer({
    name: `${hostname()}/${process.pid}`,
    alone: false,
    grace: settings.drain,
    upkeep: settings.upkeep
  }).pipe(
    Layer.provide(jail(settings)),
    failsAs("The worker")
  )
  // Made before the worker, so it answers until the last job is done.
  const working = Layer.effect(
    Working,
    Effect.gen(function*() {
      const { drain } = yield* Health
      const built = yield* healthUrl(settings)
      const url = Option.map(built, (context) => Context.get(context, HealthServer).url)
      return { healthUrl: url, drain }
    })
  ).pipe(failsAs("The port of its health"))
  const started = Layer.effectDiscard(Effect.logInfo(`Sheaf ${version} works as ${hostname()}/${process.pid}`))
  return Layer.mergeAll(started, worker, natsInterface(settings).pipe(failsAs("The interface to NATS"))).pipe(
    Layer.provideMerge(working),
    Layer.provide(reachable(settings, "worker", healthPlace(settings)).pipe(failsAs("A part"))),
    Layer.provide(Layer.provideMerge(telemetry(settings, "sheaf-worker"), logToStderr(settings)))
  )
}
