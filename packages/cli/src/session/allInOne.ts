import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Adapters from "@sheaf/adapters/Adapters"
import { Health } from "@sheaf/adapters/health/Health"
import { isAlone } from "@sheaf/adapters/settings"
import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import { Server } from "@sheaf/server/Server"
import * as Worker from "@sheaf/worker/Worker"
import { Effect, Layer } from "effect"
import { writeKey } from "../home/credentials.ts"
import * as LogFile from "../home/logFile.ts"
import { version } from "../version.ts"
import { type AllInOneOptions, Listening } from "./Listening.ts"
import { jail, natsInterface, telemetry } from "./parts.ts"
import { failsAs } from "./startup.ts"

/**
 * Everything in this process: database, blobs, embedder, search, the worker and the server, over one data folder, which nobody
 * else may use meanwhile. What is logged goes to the folder. Fails with `FolderInUse`, or `StartFailed` naming the part.
 */
export const layer = (options: AllInOneOptions) => {
  const { settings } = options
  const { home } = settings
  const alone = isAlone(settings)

  const worker = Worker.layer({ name: `${process.pid}`, alone, upkeep: settings.upkeep }).pipe(
    Layer.provide(jail(settings)),
    failsAs("The worker", home)
  )
  const services = natsInterface(settings).pipe(failsAs("The interface to NATS", home))
  // Whoever finds the server ready finds the key as well.
  const key = Layer.effectDiscard(ensureFirstKey((secret) => writeKey(home, secret), settings.firstKey)).pipe(
    failsAs("The first key", home)
  )
  const server = Server.layer({
    host: options.host,
    port: options.port,
    corsOrigins: options.corsOrigins,
    version,
    profile: alone ? "embedded" : "production"
  }).pipe(failsAs("The server", home), Layer.provide(key))

  // The address is made known when everything behind it works.
  const ready = Layer.effect(
    Listening,
    Effect.gen(function*() {
      const { url } = yield* Server
      const { drain } = yield* Health
      yield* FolderLock.announce(home, { url })
      yield* Effect.logInfo(`Sheaf ${version} listens on ${url}`)
      return { url, drain }
    })
  ).pipe(failsAs("The data folder", home))

  // The embedded database locks the folder itself.
  const lock = alone ? Layer.empty : Layer.effectDiscard(FolderLock.acquire(home))
  const adapters = (options.adapters ?? Adapters.layer(settings)).pipe(
    Layer.provideMerge(lock),
    failsAs("The data folder", home)
  )
  return ready.pipe(
    Layer.provide(Layer.mergeAll(server, worker, services)),
    Layer.provide(adapters),
    Layer.provide(
      Layer.provideMerge(telemetry(settings, "sheaf"), Layer.merge(NodeServices.layer, LogFile.layer(home)))
    )
  )
}
