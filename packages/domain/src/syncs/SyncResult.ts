import { Schema } from "effect"
import { FailureCause } from "../documents/FailureCause.ts"
import { OnGone } from "./Source.ts"

/** Why a page cannot be read, although it may be there. */
export const UnreachableReason = Schema.TaggedUnion({
  /** The connection may not read it. */
  Restricted: { detail: Schema.String },
  TimedOut: { limitMs: Schema.Int },
  Unavailable: { detail: Schema.String },
  /** The source answers what cannot be understood. */
  Malformed: { detail: Schema.String },
  TooLarge: { detail: Schema.String }
})
export type UnreachableReason = typeof UnreachableReason.Type

/** Kinds of blocks that were left out, because nobody knows how to read them. */
const unsupported = Schema.Array(Schema.String)

/** What a sync made of one item. */
export const SyncResult = Schema.TaggedUnion({
  /** It was fetched, and says what it said before. */
  Unchanged: {},
  Created: { unsupported },
  Updated: { unsupported },
  /** Another title; `changed`: another content, too. */
  Renamed: { from: Schema.String, to: Schema.String, changed: Schema.Boolean, unsupported },
  /** Deleted in the source, or not shared any more. `policy`: what became of the document. */
  Gone: { policy: OnGone },
  Unreachable: { reason: UnreachableReason },
  /** `item`: its sync is paused; `run`: its document is; `deleted`: its document was deleted here. */
  Paused: { why: Schema.Literals(["item", "run", "deleted"]) },
  /** The document serves as it was before. */
  Failed: { cause: FailureCause }
})
export type SyncResult = typeof SyncResult.Type

/** Names of the results, as counts have them. */
export const resultNames = [
  "unchanged",
  "created",
  "updated",
  "renamed",
  "gone",
  "unreachable",
  "paused",
  "failed"
] as const
export const ResultName = Schema.Literals(resultNames)
export type ResultName = typeof ResultName.Type

/** The count that a result adds to. */
export const nameOfResult = SyncResult.match({
  Unchanged: () => "unchanged" as const,
  Created: () => "created" as const,
  Updated: () => "updated" as const,
  Renamed: () => "renamed" as const,
  Gone: () => "gone" as const,
  Unreachable: () => "unreachable" as const,
  Paused: () => "paused" as const,
  Failed: () => "failed" as const
}) satisfies (result: SyncResult) => ResultName

/** The words for a reason. */
export const explainUnreachable = UnreachableReason.match({
  Restricted: ({ detail }) => `the connection may not read it: ${detail}`,
  TimedOut: ({ limitMs }) => `there was no answer within ${limitMs / 1_000} s`,
  Unavailable: ({ detail }) => detail,
  Malformed: ({ detail }) => `the answer cannot be understood: ${detail}`,
  TooLarge: ({ detail }) => detail
})
