import { PgClient } from "@effect/sql-pg"
import { Effect, Option, Redacted, Schema } from "effect"
import type { Duration, Layer } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { names } from "./names.ts"

// A PostgreSQL server, version 15 or newer:
//
//   Postgres.layer({ url })      gives SqlClient and PgClient, the same client as the embedded database has
//
// It connects at once, so that a wrong URL, password or version is an error at the start and not at the first request.
// Not migrated: see migrate.ts.

export interface Options {
  /** `postgresql://user:password@host:port/database`, with `?sslmode=require` and the like. */
  readonly url: Redacted.Redacted
  readonly maxConnections?: number
  readonly connectTimeout?: Duration.Input
  /** False behind a pooler that does not keep prepared statements (PgBouncer in transaction mode). */
  readonly prepare?: boolean
}

/** The server cannot be reached, refuses us, or is too old. Carries no password. */
export class PostgresUnusable extends Schema.TaggedError<PostgresUnusable>()("PostgresUnusable", {
  host: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `The PostgreSQL server ${this.host} cannot be used: ${this.reason}`
  }
}

const oldest = 15

const hostOf = (url: Redacted.Redacted) =>
  Option.match(Schema.decodeOption(Schema.URLFromString)(Redacted.value(url)), {
    onNone: () => "(the URL is malformed)",
    onSome: ({ host, pathname }) => `${host}${pathname}`
  })

/** The innermost cause: the outer ones say only that a connection failed. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error
    ? reasonOf(error.cause)
    : error instanceof Error
    ? error.message || String("code" in error ? error.code : error.name)
    : String(error)

const make = Effect.fn("Postgres.make")(function*(options: Options) {
  const unusable = (error: unknown) => new PostgresUnusable({ host: hostOf(options.url), reason: reasonOf(error) })
  const sql = yield* PgClient.make({
    ...names,
    applicationName: "sheaf",
    maxConnections: 10,
    maxMessageSize: 256 * 1024 * 1024,
    ...options
  }).pipe(Effect.mapError(unusable))
  const rows = yield* Effect.mapError(sql`select current_setting('server_version_num')::int / 10000 as major`, unusable)
  const major = Number(rows[0]?.["major"])
  if (major < oldest) {
    return yield* unusable(new Error(`it is version ${major}, and ${oldest} is the oldest that will do`))
  }
  return sql
})

export const layer = (options: Options): Layer.Layer<PgClient.PgClient | SqlClient, PostgresUnusable> =>
  PgClient.layerFrom(make(options))
