import { PgClient } from "@effect/sql-pg"
import type { Layer, Redacted } from "effect"
import type { Duration } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { names } from "./names.ts"

export interface Options {
  /** `postgresql://user:password@host:port/database`, with `?sslmode=require` and the like. PostgreSQL 15 or newer. */
  readonly url: Redacted.Redacted
  readonly maxConnections?: number
  readonly connectTimeout?: Duration.Input
  /** False behind a pooler that does not keep prepared statements (PgBouncer in transaction mode). */
  readonly prepare?: boolean
}

/** A PostgreSQL server. Fails when it cannot be reached. Not migrated: see migrate.ts. */
export const layer = (options: Options): Layer.Layer<PgClient.PgClient | SqlClient, SqlError> =>
  PgClient.layer({
    ...names,
    applicationName: "sheaf",
    maxConnections: 10,
    maxMessageSize: 256 * 1024 * 1024,
    ...options
  })
