import { Schema } from "effect"
import { DatasetId, DocumentId, SegmentId, SpaceChangeId } from "../ids.ts"
import { Dependency } from "../runs/Run.ts"
import { Timestamp } from "../time.ts"
import { Space } from "./Space.ts"

/**
 * - `building`: vectors and index entries are made in the new space, beside the old one.
 * - `verifying`: every segment is looked for in the new index.
 * - `switched`: searches look into the new space. Final; the old one is cleared.
 * - `failed`: it stands still, with its cause, until it is retried or cancelled; the old space serves.
 * - `cancelled`: final; what was built is cleared.
 */
export const SpaceChangeState = Schema.Literals(["building", "verifying", "switched", "cancelled", "failed"])
export type SpaceChangeState = typeof SpaceChangeState.Type

/** Why a change stands still. */
export const SpaceChangeCause = Schema.TaggedUnion({
  /** The new space's embedder does not take a segment: it has too many tokens for it, say. */
  SegmentRefused: { documentId: DocumentId, segmentId: SegmentId, detail: Schema.String },
  /** Entries were not in the new index after they had been written, again and again. */
  Incomplete: { missing: Schema.Int },
  /** Our bug, or workers that die of it: the log has the details under `reference`. */
  Internal: { reference: Schema.String }
})
export type SpaceChangeCause = typeof SpaceChangeCause.Type

/** What to do about it, in the words that every interface shows. */
export const explainSpaceChange = SpaceChangeCause.match({
  SegmentRefused: ({ detail, documentId, segmentId }) =>
    `The new embedder refused segment ${segmentId} of document ${documentId}: ${detail}. ` +
    "Run that document with smaller segments, or delete the segment; then retry the change.",
  Incomplete: ({ missing }) =>
    `${missing} entries were not in the new index after they had been written. Check the search engine, then retry the change.`,
  Internal: ({ reference }) => `The log has the details under ${reference}. Retry the change, or cancel it.`
})

/** A dataset's move to another embedding space. Segments keep their ids, texts and flags. */
export class SpaceChange extends Schema.Class<SpaceChange>("@sheaf/domain/spaces/SpaceChange/SpaceChange")({
  id: SpaceChangeId,
  datasetId: DatasetId,
  from: Space,
  to: Space,
  state: SpaceChangeState,
  paused: Schema.Boolean,
  /** Nothing is wrong with it: it goes on when this is back. */
  waitingFor: Schema.NullOr(Dependency),
  cause: Schema.NullOr(SpaceChangeCause),
  /** Documents that it began with; newer ones are in both spaces from the first. */
  documents: Schema.Struct({ total: Schema.Int, built: Schema.Int, verified: Schema.Int }),
  /** Segments that were written to the new index. */
  segments: Schema.Int,
  createdAt: Timestamp,
  /** When it was switched, cancelled or failed. */
  endedAt: Schema.NullOr(Timestamp),
  /** When nothing was left any more of the space that is not used: counted as zero, and how much was removed. */
  clearedAt: Schema.NullOr(Timestamp),
  removed: Schema.NullOr(Schema.Struct({ indexEntries: Schema.Int, vectors: Schema.Int }))
}) {}
