import { Predicate } from "effect"
import { isSqlError } from "effect/sql/SqlError"

/**
 * SQLSTATEs that say something of the server, not of the statement: it is shutting down or starting (57P01 to 57P03), it has no disk,
 * memory or connection left (class 53), or its disk fails (58030). PostgreSQL manual, appendix A.
 */
const serverTrouble = /^(57P0[1-3]|53.{3}|58030)$/

/**
 * Whether a defect is nobody's fault and may be gone later: an adapter says so itself (`isRetryable`), and for the database its own
 * code does, where the driver leaves that open.
 */
export const isOutage = (defect: unknown): boolean =>
  Predicate.hasProperty(defect, "isRetryable") && defect.isRetryable === true ||
  isSqlError(defect) && hasServerTrouble(defect.reason)

const hasServerTrouble = (reason: { readonly cause?: unknown }): boolean =>
  Predicate.hasProperty(reason.cause, "code") && Predicate.isString(reason.cause.code) &&
  serverTrouble.test(reason.cause.code)
