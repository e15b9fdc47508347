import { Schema } from "effect"
import type { RunState } from "../runs/Run.ts"

/** What people see. Exactly one applies, always: see `statusOf`. */
export const DocumentStatus = Schema.Literals([
  "queuing",
  "indexing",
  "updating",
  "waiting",
  "paused",
  "error",
  "cancelled",
  "available",
  "disabled",
  "archived",
  "deleting"
])
export type DocumentStatus = typeof DocumentStatus.Type

export interface StatusFacts {
  readonly deleting: boolean
  readonly archived: boolean
  readonly enabled: boolean
  /** A version serves readers. */
  readonly published: boolean
  /** The newest run; `null` before the first. */
  readonly run: { readonly state: RunState; readonly paused: boolean; readonly waiting: boolean } | null
}

/** Total and pure: every combination of facts has one status. What hides a document comes before what happens to it. */
export const statusOf = (facts: StatusFacts): DocumentStatus => {
  if (facts.deleting) return "deleting"
  if (facts.archived) return "archived"
  const run = facts.run
  if (run === null || run.state === "published") return facts.published ? shown(facts) : "queuing"
  if (run.state === "failed") return "error"
  if (run.state === "cancelled") return facts.published ? shown(facts) : "cancelled"
  if (run.paused) return "paused"
  if (run.waiting) return "waiting"
  if (facts.published) return "updating"
  return run.state === "queued" ? "queuing" : "indexing"
}

const shown = (facts: StatusFacts): DocumentStatus => facts.enabled ? "available" : "disabled"
