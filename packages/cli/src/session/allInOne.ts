import { NodeServices } from "@effect/platform-node"
import * as Adapters from "@sheaf/adapters/Adapters"
import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import { Server } from "@sheaf/server/Server"
import * as ParserJail from "@sheaf/worker/parsing/jail/layer"
import * as Worker from "@sheaf/worker/Worker"
import { Effect, Layer } from "effect"
import { availableParallelism } from "node:os"
import * as Path from "node:path"
import { writeKey } from "../home/credentials.ts"
import * as LogFile from "../home/logFile.ts"
import { version } from "../version.ts"
import { failsAs } from "./startup.ts"

export interface AllInOneOptions {
  readonly settings: Adapters.Settings
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly corsOrigins: ReadonlyArray<string>
  /** In place of those that the settings select: for measuring. */
  readonly adapters?: ReturnType<typeof Adapters.layer>
}

/**
 * Everything in this process: database, blobs, embedder, search, the worker and the server, over one data folder, which nobody
 * else may use meanwhile. What is logged goes to the folder. Fails with `FolderInUse`, or `StartFailed` naming the part.
 */
export const layer = (options: AllInOneOptions) => {
  const { settings } = options
  const { home } = settings
  const blobs = Path.join(home, "blobs")
  const alone = Adapters.isAlone(settings)

  const jail = ParserJail.layer({
    // One more than the cores would leave the embedder, which has the most to do, without.
    processes: Math.max(1, Math.min(4, availableParallelism() - 1)),
    wallTimeMs: 120_000,
    maxMemoryBytes: 1_500_000_000,
    maxOutputBytes: 512_000_000,
    inputFolders: [blobs]
  })
  const worker = Worker.layer({ name: `${process.pid}`, alone }).pipe(Layer.provide(jail), failsAs("The worker", home))
  const server = Server.layer({
    host: options.host,
    port: options.port,
    corsOrigins: options.corsOrigins,
    version,
    profile: alone ? "embedded" : "production"
  }).pipe(failsAs("The server", home))

  // The address is made known when everything behind it works, and the key lies ready.
  const ready = Layer.effectDiscard(Effect.gen(function*() {
    const { url } = yield* Server
    yield* ensureFirstKey((secret) => writeKey(home, secret))
    yield* FolderLock.announce(home, { url })
    yield* Effect.logInfo(`Sheaf ${version} listens on ${url}`)
  })).pipe(failsAs("The data folder", home))

  // The embedded database locks the folder itself.
  const lock = alone ? Layer.empty : Layer.effectDiscard(FolderLock.acquire(home))
  const adapters = (options.adapters ?? Adapters.layer(settings)).pipe(
    Layer.provideMerge(lock),
    failsAs("The data folder", home)
  )
  return ready.pipe(
    Layer.provideMerge(Layer.mergeAll(server, worker)),
    Layer.provideMerge(adapters),
    Layer.provide(Layer.mergeAll(NodeServices.layer, LogFile.layer(home)))
  )
}
