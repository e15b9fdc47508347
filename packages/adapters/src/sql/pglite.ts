import { PgPool } from "@effect/sql-pg"
import { Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Path from "node:path"
import * as FolderLock from "./FolderLock.ts"
import { prepare } from "./pglite/dataDirectory.ts"
import { type DatabaseNotOpened, make as makeHost } from "./pglite/Host.ts"
import * as Housekeeping from "./pglite/housekeeping.ts"
import { clientOf } from "./postgres/client.ts"
import * as Turnstile from "./postgres/Turnstile.ts"

// The embedded database: PostgreSQL 18 (PGlite) in a worker thread, spoken to by the same client as a real server.
//
//   Pglite.layer({ home })                      gives SqlClient; files in <home>/database
//   Pglite.layer({ home, snapshot })            starts a new folder as a copy of that data directory
//   FolderLock.holder(home), .announce(home, …) who uses the folder; see FolderLock.ts
//
// The layer holds the folder's lock: it fails with FolderInUse where another process has it. Not migrated: see migrate.ts.
// Several logical connections share one session. So: no LISTEN, no statement_timeout, no advisory-lock or SKIP LOCKED
// exclusion between transactions, no session-wide SET; a statement cannot be cancelled, it runs to its end; while a
// transaction is open everybody else waits, so wait for nothing but SQL inside one. `vector` can be created as an extension.
// Survives the death of the process at any moment, not a power cut: PGlite never calls fsync.

export interface Options {
  /** The data folder. It is made when missing; one process at a time may have it. */
  readonly home: string
  /** A closed data directory to begin with when the folder has no database yet. */
  readonly snapshot?: string
}

/** Logical connections. More would gain nothing, since statements run one at a time. */
const connections = 4

const make = Effect.fn("Pglite.make")(function*(options: Options) {
  const { home, snapshot } = options
  const dataDir = Path.join(home, "database")
  yield* FolderLock.acquire(home)
  yield* prepare(dataDir, snapshot)
  const host = yield* makeHost(dataDir)
  const pool = yield* PgPool.make({
    stream: host.connect,
    username: "postgres",
    database: "postgres",
    ssl: false,
    maxConnections: connections,
    minConnections: connections,
    // A new connection waits while another holds a transaction.
    connectTimeout: "2 minutes",
    maxMessageSize: 256 * 1024 * 1024
  })
  // Whoever waits for a connection waits as long as it takes: a statement here ends by itself.
  const sql = yield* clientOf(pool, Turnstile.make(connections, Duration.infinity))
  yield* Effect.forkScoped(Effect.delay(Housekeeping.run(sql), "15 seconds"))
  return sql
})

export const layer = (
  options: Options
): Layer.Layer<
  SqlClient,
  DatabaseNotOpened | FolderLock.FolderInUse | FolderLock.FolderUnusable | SqlError
> => Layer.effect(SqlClient, make(options))
