import { Data, Effect, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Postgres from "../../packages/adapters/src/sql/postgres.ts"
import * as Database from "../../test/support/database/Database.ts"
import * as PostgresServer from "../../test/support/backends/PostgresServer.ts"
import { temporaryFolder } from "../../test/support/temporaryFolder.ts"

/** A server that a bench needs is not installed, or does not start. */
class ServerMissing extends Data.TaggedError("ServerMissing")<{ readonly message: string }> {}

/**
 * A PostgreSQL server of its own that writes to the disk what it acknowledges, stopped with the scope. `url` is that of a migrated
 * database, `fresh` makes an empty one and answers its URL.
 */
export const postgres = Effect.gen(function*() {
  const server = yield* PostgresServer.start(yield* Database.postgresTemplate, { durable: true })
  const url = (name: string) => Redacted.value(server.url(name))
  const services = yield* Layer.build(Postgres.layer({ url: server.url("postgres"), role: "tool" }))
  const fresh = (name: string) =>
    SqlClient.use((sql) => sql`create database ${sql(name)} template template0`).pipe(
      Effect.provide(Layer.succeedContext(services)),
      Effect.as(url(name))
    )
  return { url: url("postgres"), fresh }
})

/** A Redis server that writes each command to the disk before it answers. Answers its Unix socket. */
export const redis = Effect.gen(function*() {
  const program = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path))
  if (program === undefined) return yield* new ServerMissing({ message: "needs Redis: apt-get install redis-server" })
  const folder = yield* temporaryFolder("redis")
  const socket = join(folder, "redis.sock")
  const args = ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "yes"]
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn("/usr/bin/setpriv", ["--pdeathsig", "KILL", program, ...args, "--appendfsync", "always"], {
        stdio: "ignore"
      })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGTERM")
      })
  )
  yield* Effect.sync(() => existsSync(socket)).pipe(
    Effect.repeat({ until: (there) => there, schedule: Schedule.spaced("20 millis") }),
    Effect.timeoutOrElse({
      duration: "10 seconds",
      orElse: () => Effect.fail(new ServerMissing({ message: "Redis does not start" }))
    })
  )
  return socket
})
