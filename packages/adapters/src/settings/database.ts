import { type Duration, Option, type Redacted } from "effect"
import type { Reader } from "./Reader.ts"
import { duration, secretUrl, variable, whole, yesOrNo } from "./Variable.ts"

/** Where the rows lie, which are the truth about everything. */
export type DatabaseSettings =
  /** In the data folder, in this process, which has it for itself. */
  | { readonly _tag: "Embedded" }
  | {
    readonly _tag: "Postgres"
    readonly url: Redacted.Redacted
    /** Where they are not those of the process's role. */
    readonly limits: { readonly maxConnections?: number; readonly statementTimeout?: Duration.Duration }
    readonly pooler: boolean
  }

export const databaseUrl = variable(
  "DATABASE_URL",
  secretUrl(["postgresql:", "postgres:"], "user:password@host:5432/database"),
  "The PostgreSQL server (15 or newer) that holds everything. Run `sheaf migrate` before the first start and after every upgrade. Not set: a database of its own in the data folder.",
  { secret: true }
)

const connections = variable(
  "SHEAF_DATABASE_CONNECTIONS",
  whole({ min: 2, max: 1_000 }),
  "Connections that one process opens at most; all processes together must stay below the server's `max_connections`. Not set: 10 for `api` and `worker`, 16 for `serve`.",
  { unit: "connections" }
)

const statementTimeout = variable(
  "SHEAF_DATABASE_STATEMENT_TIMEOUT",
  duration,
  "After this time the server gives up a statement; the work is tried again later. Migrations know no limit. Not set: 15 seconds for `api`, 30 for others."
)

const pooler = {
  ...variable(
    "SHEAF_DATABASE_POOLER",
    yesOrNo,
    "`true` where a pooler stands in between that hands out a connection per transaction (PgBouncer in transaction mode)."
  ),
  default: "false"
}

export const variables = [databaseUrl, connections, statementTimeout, pooler]

export const read = (reader: Reader): DatabaseSettings => {
  const url = reader.optional(databaseUrl)
  if (!reader.isSet(databaseUrl)) {
    reader.idle([connections, statementTimeout, pooler], databaseUrl)
    return { _tag: "Embedded" }
  }
  const maxConnections = reader.optional(connections)
  const timeout = reader.optional(statementTimeout)
  const settings = {
    limits: {
      ...(Option.isSome(maxConnections) && { maxConnections: maxConnections.value }),
      ...(Option.isSome(timeout) && { statementTimeout: timeout.value })
    },
    pooler: reader.get(pooler)
  }
  return Option.match(url, {
    onNone: () => ({ _tag: "Embedded" }),
    onSome: (url) => ({ _tag: "Postgres", url, ...settings })
  })
}
