import type { NotionError } from "@sheaf/adapters/notion/errors"
import type { SyncFailure } from "@sheaf/domain/syncs/Sync"
import type { UnreachableReason } from "@sheaf/domain/syncs/SyncResult"
import { Data, Duration } from "effect"
import { TryAgain } from "../../pipeline/Stage.ts"

/** The sync cannot go on, whoever tries. */
export class Stopped extends Data.TaggedError("Stopped")<{ readonly cause: SyncFailure }> {}

/** What a failed call means for one item: it is gone, cannot be read, or may be read later; or the whole sync is over. */
export type ItemTrouble =
  | { readonly _tag: "Gone" }
  | { readonly _tag: "Unreachable"; readonly reason: UnreachableReason }
  /** `blame`: it may be the item's fault. */
  | { readonly _tag: "Later"; readonly reason: UnreachableReason; readonly retry: TryAgain; readonly blame: boolean }
  | { readonly _tag: "Stop"; readonly cause: SyncFailure }

const later = (error: NotionError, delayMs?: number): TryAgain =>
  new TryAgain({ reason: error.message, ...(delayMs !== undefined && { delay: Duration.millis(delayMs) }) })

export const ofItem = (error: NotionError): ItemTrouble => {
  switch (error._tag) {
    case "NotionUnauthorized":
      return { _tag: "Stop", cause: { _tag: "ConnectionRevoked", detail: error.detail } }
    case "NotionNotFound":
      // A part of a page that went while it was read: it will be as a whole the next time.
      return error.what === "block"
        ? { _tag: "Later", reason: unavailable(error), retry: later(error), blame: true }
        : { _tag: "Gone" }
    case "NotionRestricted":
      return { _tag: "Unreachable", reason: { _tag: "Restricted", detail: error.detail } }
    case "NotionInvalid":
      return { _tag: "Unreachable", reason: { _tag: "Restricted", detail: `${error.code}: ${error.detail}` } }
    case "NotionTooLarge":
      return { _tag: "Unreachable", reason: { _tag: "TooLarge", detail: error.message } }
    case "NotionRateLimited":
      return { _tag: "Later", reason: unavailable(error), retry: later(error, error.retryAfterMs), blame: false }
    case "NotionTimedOut":
      return { _tag: "Later", reason: { _tag: "TimedOut", limitMs: error.limitMs }, retry: later(error), blame: true }
    case "NotionMalformed":
      return { _tag: "Later", reason: { _tag: "Malformed", detail: error.detail }, retry: later(error), blame: true }
    case "NotionUnavailable":
      return { _tag: "Later", reason: unavailable(error), retry: later(error), blame: true }
  }
}

const unavailable = (error: NotionError): UnreachableReason => ({ _tag: "Unavailable", detail: error.message })

/** What a failed call means while everything is listed. */
export const ofListing = (error: NotionError): Stopped | TryAgain => {
  switch (error._tag) {
    case "NotionUnauthorized":
      return new Stopped({ cause: { _tag: "ConnectionRevoked", detail: error.detail } })
    case "NotionTooLarge":
      return new Stopped({ cause: { _tag: "TooManyItems", limit: error.limit } })
    case "NotionNotFound":
    case "NotionRestricted":
    case "NotionInvalid":
      return new Stopped({ cause: { _tag: "Refused", detail: error.message } })
    case "NotionRateLimited":
      return later(error, error.retryAfterMs)
    default:
      return later(error)
  }
}
