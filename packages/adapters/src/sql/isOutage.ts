import { Predicate } from "effect"
import { isSqlError } from "effect/sql/SqlError"

/**
 * SQLSTATEs that say something of the server or of who may use it, not of the statement. The driver leaves them open. PostgreSQL
 * manual, appendix A:
 *
 * - 25006: it can only be read: a standby took our connection, or the primary has become one
 * - 25P03, 25P04, 57P05: it ended a session or a transaction that did nothing for too long
 * - 28: it does not know us any more, as while a password is being changed; 3D000: it has no such database, as while one is restored;
 *   42501: we may not do what we could do before
 * - 53: it has no disk, memory or connection left; 58: its disk or its system fails
 * - 57P01 to 57P03: it is shutting down, has crashed, or is starting
 * - 08: the connection failed (which the driver knows, but not a pooler's 08P01 under another name)
 */
const serverTrouble = /^(08.{3}|25006|25P0[34]|28.{3}|3D000|42501|53.{3}|57P0[1235]|58.{3})$/

/**
 * Whether a defect is nobody's fault and may be gone later: an adapter says so itself (`isRetryable`), and for the database its own
 * code does, where the driver leaves that open. Connections lost, refused or timed out, statements and locks that took too long,
 * deadlocks and serialization failures: the driver itself says that those are worth another try.
 */
export const isOutage = (defect: unknown): boolean =>
  Predicate.hasProperty(defect, "isRetryable") && defect.isRetryable === true ||
  isSqlError(defect) && hasServerTrouble(defect.reason)

const hasServerTrouble = (reason: { readonly cause?: unknown }): boolean =>
  Predicate.hasProperty(reason.cause, "code") && Predicate.isString(reason.cause.code) &&
  serverTrouble.test(reason.cause.code)
