import { NodeRuntime } from "@effect/platform-node"
import * as FolderBlobs from "@sheaf/adapters/blobs/folder"
import * as Bundled from "@sheaf/adapters/embedding/bundled"
import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import * as Repos from "@sheaf/adapters/repos/Repos"
import * as Pgvector from "@sheaf/adapters/search/pgvector"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import * as Postgres from "@sheaf/adapters/sql/postgres"
import { ensureFirstKey } from "@sheaf/server/admin/firstKey"
import { Server } from "@sheaf/server/Server"
import { Effect, Layer, Redacted, References } from "effect"
import type { Said } from "./loopDelay.ts"

// `api.ts URL FOLDER`: the API over a migrated PostgreSQL server that has no key yet, in a process of its own.
const [url = "", root = ""] = process.argv.slice(2)

const ports = Layer.mergeAll(Repos.layer, Pgvector.layer).pipe(
  Layer.provideMerge(
    Layer.mergeAll(
      InProcessSignals.layer,
      Postgres.layer({ url: Redacted.make(url), role: "api" }),
      FolderBlobs.layer({ root }),
      Bundled.layer({ threads: 1 })
    )
  )
)

const main = Effect.gen(function*() {
  const server = yield* Server
  yield* ensureFirstKey((key) =>
    Effect.sync(() => process.send?.({ ready: { url: server.url, key: Redacted.value(key) } } satisfies Said))
  )
  return yield* Effect.never
}).pipe(
  Effect.provide(
    Server.layer({ version: "0.0.0-bench", profile: "production" }).pipe(
      Layer.provideMerge(Layer.unwrap(Effect.map(ofPorts(), Health.layer))),
      Layer.provideMerge(ports),
      // As every process has it whose spans nobody collects.
      Layer.provideMerge(Layer.succeed(References.TracerEnabled, false))
    )
  )
)

process.on("disconnect", () => process.exit())
NodeRuntime.runMain(main)
