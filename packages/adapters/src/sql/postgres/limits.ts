import { Duration } from "effect"

/** What a process does with the database. Decides how many connections it takes and how long it is ready to wait. */
export type Role = "api" | "worker" | "all" | "tool"

/** How long anything may take. `Duration.infinity` turns a limit off. */
export interface Limits {
  /** Connections at most. All processes together must stay below `max_connections` of the server. */
  readonly maxConnections: number
  /** For a free connection, when all are in use. */
  readonly acquireTimeout: Duration.Duration
  /** For one statement, and for the answer to it: the server cancels it; where even that does not happen, the connection is dropped. */
  readonly statementTimeout: Duration.Duration
  /** For a lock, within a statement. */
  readonly lockTimeout: Duration.Duration
  /** Between two statements of a transaction. A process that is frozen holds its locks no longer than this. */
  readonly idleInTransactionTimeout: Duration.Duration
}

/**
 * By role. An api answers people: whoever calls it has given up by then. A worker reads and writes larger pages, and has time. A tool
 * (a migration, a backup, a check) takes as long as it takes.
 */
export const limitsOf: { readonly [R in Role]: Limits } = {
  api: {
    maxConnections: 10,
    acquireTimeout: Duration.seconds(10),
    statementTimeout: Duration.seconds(15),
    lockTimeout: Duration.seconds(10),
    idleInTransactionTimeout: Duration.seconds(15)
  },
  worker: {
    maxConnections: 10,
    acquireTimeout: Duration.seconds(30),
    statementTimeout: Duration.seconds(30),
    lockTimeout: Duration.seconds(15),
    idleInTransactionTimeout: Duration.seconds(30)
  },
  all: {
    maxConnections: 16,
    acquireTimeout: Duration.seconds(10),
    statementTimeout: Duration.seconds(30),
    lockTimeout: Duration.seconds(15),
    idleInTransactionTimeout: Duration.seconds(30)
  },
  tool: {
    maxConnections: 2,
    acquireTimeout: Duration.infinity,
    statementTimeout: Duration.infinity,
    lockTimeout: Duration.infinity,
    idleInTransactionTimeout: Duration.infinity
  }
}

/** Milliseconds as PostgreSQL's settings take them, where 0 is no limit. */
const millis = (limit: Duration.Duration) =>
  Duration.isFinite(limit) ? Math.max(1, Math.round(Duration.toMillis(limit))) : 0

/** The limits that the server itself keeps, by the names of its settings. */
export const serverSettings = (limits: Limits) =>
  ({
    statement_timeout: millis(limits.statementTimeout),
    lock_timeout: millis(limits.lockTimeout),
    idle_in_transaction_session_timeout: millis(limits.idleInTransactionTimeout)
  }) as const
