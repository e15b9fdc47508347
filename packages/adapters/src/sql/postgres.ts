import { PgPool } from "@effect/sql-pg"
import { Duration, Effect, Layer, Option, Redacted, Schema, Struct } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { clientOf } from "./postgres/client.ts"
import { type Limits, limitsOf, type Role, serverSettings } from "./postgres/limits.ts"
import { connector } from "./postgres/socket.ts"
import * as Turnstile from "./postgres/Turnstile.ts"

// A PostgreSQL server, version 15 or newer:
//
//   Postgres.layer({ url })      gives SqlClient, which behaves like that of the embedded database
//
// It connects at once, so that a wrong URL, password or version is an error at the start and not at the first request.
// Not migrated: see migrate.ts. Nothing waits for ever: see postgres/limits.ts.
//
// Limits are settings of every session, sent when it begins. A pooler that hands out a connection per transaction (PgBouncer in
// transaction mode) refuses them there: with `pooler`, they are set in each transaction instead. Statements outside of transactions
// then know the client's limit alone; to give them one as well: alter role sheaf set statement_timeout = '30s'.

export interface Options {
  /** `postgresql://user:password@host:port/database`, with `?sslmode=require` and the like. From `DATABASE_URL`. */
  readonly url: Redacted.Redacted
  /** Of this process; default `all`. Decides the limits. */
  readonly role?: Role
  /**
   * Others than those of the role; `maxConnections` from `SHEAF_DATABASE_CONNECTIONS`, `statementTimeout` from
   * `SHEAF_DATABASE_STATEMENT_TIMEOUT`. A tool has no limits of time, whatever is said here.
   */
  readonly limits?: Partial<Limits>
  readonly connectTimeout?: Duration.Input
  /** Whether a pooler stands in between that keeps nothing from one transaction to the next. From `SHEAF_DATABASE_POOLER`. */
  readonly pooler?: boolean
}

/** The server cannot be reached, refuses us, or is not one that will do. Carries no password. */
export class PostgresUnusable extends Schema.TaggedError<PostgresUnusable>()("PostgresUnusable", {
  host: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `The PostgreSQL server ${this.host} cannot be used: ${this.reason}`
  }
}

const oldest = 15

/** Longer than the server needs to cancel a statement that takes too long. */
const grace = Duration.seconds(5)

const keepAlive = Duration.seconds(15)

/** The innermost cause: the outer ones say only that a connection failed. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error
    ? reasonOf(error.cause)
    : error instanceof Error
    ? error.message || String("code" in error ? error.code : error.name)
    : String(error)

/** What a pooler says that keeps no settings of a session. */
const withHint = (reason: string) =>
  reason.startsWith("unsupported startup parameter")
    ? `${reason}. A pooler stands in between: set SHEAF_DATABASE_POOLER=true`
    : reason

/** All but the number of connections. */
const timeless = Struct.omit(limitsOf.tool, ["maxConnections"])

const silence = ({ statementTimeout }: Limits) =>
  Duration.isFinite(statementTimeout) ? Duration.toMillis(Duration.sum(statementTimeout, grace)) : 0

/**
 * Of every session. Statements are short here: compiling one that the planner takes for a long one (it knows nothing of the parameters)
 * takes half a second, and running it two milliseconds.
 */
const settingsOf = (limits: Limits) => ({ ...serverSettings(limits), jit: "off" })

/** Ours first: what the URL says of the same setting comes later and wins. */
const startupOptions = (limits: Limits, url: URL) =>
  [
    ...Object.entries(settingsOf(limits)).map(([name, value]) => `-c ${name}=${value}`),
    url.searchParams.get("options") ?? ""
  ].join(" ").trim()

/** Sets the limits within each outermost transaction. */
const limitTransactions = (sql: SqlClient, limits: Limits): SqlClient => {
  const transaction = sql.withTransaction
  const settings = JSON.stringify(settingsOf(limits))
  const limited = sql`select set_config(key, value, true) from jsonb_each_text(${settings}::jsonb)`
  return Object.assign(sql, {
    withTransaction: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.flatMap(
        Effect.serviceOption(sql.transactionService),
        (outer) => transaction(Option.isSome(outer) ? effect : Effect.andThen(limited, effect))
      )
  })
}

const make = Effect.fn("Postgres.make")(function*(options: Options) {
  const url = Schema.decodeOption(Schema.URLFromString)(Redacted.value(options.url))
  if (Option.isNone(url)) return yield* new PostgresUnusable({ host: "(the URL is malformed)", reason: "Invalid URL" })
  const host = `${url.value.host}${url.value.pathname}`
  const unusable = (error: unknown) => new PostgresUnusable({ host, reason: withHint(reasonOf(error)) })
  const pooler = options.pooler === true
  const role = options.role ?? "all"
  const limits = { ...limitsOf[role], ...options.limits, ...(role === "tool" && timeless) }
  const pool = yield* PgPool.make({
    url: options.url,
    applicationName: `sheaf ${role}`,
    maxConnections: limits.maxConnections,
    maxMessageSize: 256 * 1024 * 1024,
    prepare: !pooler,
    stream: connector({
      url: url.value,
      silenceMs: silence(limits),
      keepAliveMs: Duration.toMillis(keepAlive)
    }),
    ...(options.connectTimeout !== undefined && { connectTimeout: options.connectTimeout }),
    ...(!pooler && { startupOptions: startupOptions(limits, url.value) })
  }).pipe(Effect.mapError(unusable))
  const direct = yield* clientOf(pool, Turnstile.make(limits.maxConnections, limits.acquireTimeout))
  const sql = pooler ? limitTransactions(direct, limits) : direct
  const [server] = yield* Effect.mapError(
    sql`select current_setting('server_version_num')::int / 10000 as major, pg_is_in_recovery() as standby`,
    unusable
  )
  const major = Number(server?.["major"])
  if (major < oldest) {
    return yield* unusable(new Error(`it is version ${major}, and ${oldest} is the oldest that will do`))
  }
  if (server?.["standby"] === true) {
    return yield* unusable(new Error("it is a standby, which can only be read: name the primary"))
  }
  return sql
})

export const layer = (options: Options): Layer.Layer<SqlClient, PostgresUnusable> =>
  Layer.effect(SqlClient, make(options))
