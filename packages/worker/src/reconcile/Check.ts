import type { LeaseLost } from "@sheaf/adapters/repos/jobs/JobsRepo"
import type { Suspect } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import type { DriftKind } from "@sheaf/domain/admin/DriftRpcs"
import type { TenantId } from "@sheaf/domain/ids"
import type { Effect } from "effect"
import type { BadJob, TryAgain } from "../pipeline/Stage.ts"

type Failure = TryAgain | BadJob | LeaseLost

/** What was seen by one bounded look, and where the next one begins. */
export interface Seen {
  readonly suspects: ReadonlyArray<Suspect>
  /** `null`: the check has been through. */
  readonly next: string | null
}

/** What a second look has shown: not so any more, so, or so and put right. */
export type Verdict = "gone" | "found" | "mended"

export interface SecondLook {
  readonly tenantId: TenantId
  readonly key: ReadonlyArray<string>
  readonly repair: boolean
  /** A transaction, fenced by the lease. */
  readonly write: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E | LeaseLost>
}

/**
 * One way in which things can be out of step. `look` only suspects: everything goes on meanwhile. `again` decides, about one thing, under
 * the locks of those who change it, and puts it right by the operation that would have done so in the first place.
 */
export interface Check {
  readonly look: (tenantId: TenantId, cursor: string | null) => Effect.Effect<Seen, Failure>
  readonly again: Partial<Record<DriftKind, (suspect: SecondLook) => Effect.Effect<Verdict, Failure>>>
}

/** For the end of a second look. */
export const verdict = (isSo: boolean, repair: boolean): Verdict => isSo ? (repair ? "mended" : "found") : "gone"
