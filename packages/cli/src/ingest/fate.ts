import { errorFacts } from "@sheaf/domain/errors"
import { DocumentFailed, type SheafError } from "@sheaf/sdk/effect"
import { Data } from "effect"
import { describe, type Failure } from "../terminal/failures.ts"
import type { Outcome } from "./Report.ts"

/** What became of a file that was not published. */
export interface Fate {
  readonly outcome: Outcome
  /** Groups files that failed for the same reason. */
  readonly cause: string
  readonly failure: Failure
  readonly error: SheafError
  /** The next file would fare no better. */
  readonly fatal: boolean
}

/** Nothing in the batch has moved for too long. */
export class Hung extends Data.TaggedError("Hung")<{ readonly stillMs: number }> {
  readonly retryable = true
  override get message() {
    return `Nothing has moved for ${Math.round(this.stillMs / 1_000)} s.`
  }
  get hint() {
    return "See sheaf.log of the data folder, and `sheaf documents get ID`."
  }
}

const fatal = new Set([
  "Unauthorized",
  "Forbidden",
  "TenantSuspended",
  "VersionSkew",
  "DatasetNotFound",
  "UnknownOperation"
])
/** Errors of sending one file, which come from this side. */
const own = new Set(["SourceUnreadable", "DocumentCancelled"])

export const fateOf = (error: SheafError): Fate => {
  const failure = describe(error)
  const cause = error instanceof DocumentFailed ? error.failure._tag : failure.tag
  if (cause === "Unreachable" || cause === "TimedOut") {
    return { cause, error, failure, fatal: true, outcome: { type: "crashed" } }
  }
  if (cause === "Hung") return { cause, error, failure, fatal: true, outcome: { type: "hung" } }
  const typed = cause !== "Internal" && cause !== "InternalError" &&
    (error instanceof DocumentFailed || own.has(cause) || Object.hasOwn(errorFacts, cause))
  return {
    cause,
    error,
    failure,
    fatal: fatal.has(cause),
    outcome: typed ? { type: "failed", cause } : { type: "untyped" }
  }
}
