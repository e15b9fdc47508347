import { explain, type FailureCause } from "../documents/FailureCause.ts"
import { isFinal, type RunState } from "../runs/Run.ts"

/**
 * An edit time has the granularity of a minute, and clocks differ: of a page that was read less than this after its edit time, the same
 * edit time does not say that it is still the same. In milliseconds.
 */
export const editGranularity = 120_000

/** What is kept of an item, and how its document stands. */
export interface KnownItem {
  readonly state: "present" | "unreachable" | "gone"
  readonly paused: boolean
  /** Of what was read last; `null`: it never was. */
  readonly contentHash: string | null
  readonly editedAt: Date | null
  readonly fetchedAt: Date | null
  /** `null`: there is none (yet, or any more). */
  readonly document: KnownDocument | null
}

export interface KnownDocument {
  /** Of the bytes that the published version was made of. */
  readonly servedHash: string | null
  /** Of those that the newest run is, or was, to make a version of. */
  readonly newestHash: string
  readonly run: { readonly state: RunState; readonly paused: boolean; readonly cause: FailureCause | null } | null
}

/**
 * Whether the document is what was read last, or will be without anybody doing anything, or cannot be: the edit time that was read then
 * holds for it, and for no other version.
 */
export const isInStep = ({ contentHash, document }: KnownItem): boolean => {
  if (contentHash === null || document === null) return false
  const { newestHash, run, servedHash } = document
  if (servedHash === contentHash && newestHash === contentHash) return true
  if (newestHash !== contentHash || run === null) return false
  if (!isFinal(run.state)) return true
  return run.state === "failed" && run.cause !== null && !explain(run.cause).retryable
}

/** Why a sync leaves an item alone, if it does. */
export const pausedBy = ({ contentHash, document, paused, state }: KnownItem): "item" | "run" | "deleted" | null => {
  if (paused) return "item"
  if (document === null) return contentHash !== null && state !== "gone" ? "deleted" : null
  return document.run !== null && document.run.paused && !isFinal(document.run.state) ? "run" : null
}

/** Whether an item must be read to know whether it has changed. `listed` is its edit time now. */
export const mustRead = (known: KnownItem, listed: Date): boolean => {
  const { editedAt, fetchedAt, state } = known
  if (state !== "present" || editedAt === null || fetchedAt === null || !isInStep(known)) return true
  if (listed.getTime() !== editedAt.getTime()) return true
  return fetchedAt.getTime() - editedAt.getTime() < editGranularity
}

/** Missing items that never stop a sync: each is asked for by name before it is taken for gone. */
const fewMissing = 2

/** Whether so many are missing that the listing is doubted rather than the items. */
export const isMassRemoval = (items: number, missing: number, maxMissing: number): boolean =>
  missing > Math.max(fewMissing, items * maxMissing)
