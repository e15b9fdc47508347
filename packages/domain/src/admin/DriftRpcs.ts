import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { ReconciliationId, TenantId } from "../ids.ts"
import { Timestamp } from "../time.ts"
import { TenantName } from "./Admin.ts"

/**
 * What can be out of step:
 *
 * - `expiredLease`: a job that somebody holds whose time is up
 * - `unitWithoutJob`, `idleRun`: a run that is not over and for which nothing is owed
 * - `removalWithoutJob`, `syncWithoutJob`: something is to be deleted, or brought into the index, and nobody owes it
 * - `entryWithoutSegment`, `segmentWithoutEntry`: index and rows disagree
 * - `wrongVector`: the index finds a segment by another vector than was made of its text, or that one is no vector
 * - `duplicateEvent`: the end of a run was told twice
 * - `segmentWithoutRun`, `vectorWithoutSegment`, `blobWithoutOwner`: left behind
 * - `assetWithoutBlob`, `blobOfNoAsset`: rows and blobs of what was found in documents disagree
 * - `documentWithoutBlob`: the original is missing, which nothing can mend
 * - `countOfDocument`, `countOfDataset`: a recount says something else
 */
export const DriftKind = Schema.Literals([
  "expiredLease",
  "unitWithoutJob",
  "idleRun",
  "removalWithoutJob",
  "syncWithoutJob",
  "entryWithoutSegment",
  "segmentWithoutEntry",
  "wrongVector",
  "duplicateEvent",
  "segmentWithoutRun",
  "vectorWithoutSegment",
  "blobWithoutOwner",
  "documentWithoutBlob",
  "assetWithoutBlob",
  "blobOfNoAsset",
  "countOfDocument",
  "countOfDataset"
])
export type DriftKind = typeof DriftKind.Type

/** What was seen twice, and was still so under the locks of those who could have been about to change it. */
export const Finding = Schema.Struct({
  kind: DriftKind,
  found: Schema.Int,
  /** Of these; each by the operation that would have done it in the first place. */
  mended: Schema.Int,
  /** Ids, of the first ones. */
  examples: Schema.Array(Schema.String)
})
export type Finding = typeof Finding.Type

/** One look for drift through all that a tenant has. */
export class DriftReport extends Schema.Class<DriftReport>("@sheaf/domain/admin/DriftRpcs/DriftReport")({
  id: ReconciliationId,
  repair: Schema.Boolean,
  /** Only kinds of which something was found. */
  findings: Schema.Array(Finding),
  createdAt: Timestamp,
  /** `null`: it is still looking. */
  finishedAt: Schema.NullOr(Timestamp)
}) {}

/** How a tenant was last seen. */
export const DriftSummary = Schema.Struct({
  tenantId: TenantId,
  name: TenantName,
  looking: Schema.Boolean,
  last: Schema.NullOr(DriftReport)
})
export type DriftSummary = typeof DriftSummary.Type

export class DriftRpcs extends RpcGroup.make(
  /** Looks through the tenant now, in the background; where somebody is looking already, answers that. */
  mutation("DriftLook", { payload: { repair: Schema.Boolean }, success: DriftReport }),
  /** The latest first. */
  Rpc.make("DriftReports", { payload: PageFields, success: Page(DriftReport), error: BadRequest }),
  /** The same in every tenant where nobody is looking. Answers in how many it began. */
  mutation("DriftLookEverywhere", {
    payload: { repair: Schema.Boolean },
    success: Schema.Struct({ begun: Schema.Int })
  }),
  /** Every tenant, by name. */
  Rpc.make("DriftSummaries", { payload: PageFields, success: Page(DriftSummary), error: BadRequest })
) {}
