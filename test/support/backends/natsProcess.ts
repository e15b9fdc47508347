import * as DatabaseFeed from "@sheaf/adapters/feed/database"
import * as JetstreamFeed from "@sheaf/adapters/feed/jetstream"
import * as Nats from "@sheaf/adapters/nats/NatsConnection"
import * as Repos from "@sheaf/adapters/repos/Repos"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as NatsSignals from "@sheaf/adapters/signals/nats"
import { Context, Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import * as NatsServer from "./NatsServer.ts"

/** The server of a suite. */
export class Server
  extends Context.Service<Server, NatsServer.NatsServer>()("sheaf/test/support/backends/natsProcess/Server")
{
  static readonly layer = Layer.effect(Server, NatsServer.start()).pipe(Layer.orDie)
}

/** A process at work with NATS: connection, signals, repositories and feed of its own. */
export const natsProcess = Layer.unwrap(
  Effect.map(Server, (server) => {
    const nats = Nats.layer({ servers: [server.url] })
    const stored = Repos.layer.pipe(Layer.provideMerge(NatsSignals.layer))
    return JetstreamFeed.layer().pipe(Layer.provideMerge(stored), Layer.provideMerge(nats))
  })
).pipe(Layer.orDie)

/** One without: signals reach nobody else. */
export const plainProcess: Layer.Layer<
  Layer.Success<typeof DatabaseFeed.layer> | Layer.Success<typeof Repos.layer>,
  never,
  SqlClient.SqlClient
> = DatabaseFeed.layer.pipe(Layer.provideMerge(Repos.layer), Layer.provide(InProcessSignals.layer))
