import { Schema } from "effect"
import { AssetRef, Box } from "../documents/Element.ts"
import { Metadata } from "../documents/Metadata.ts"
import { FailureCause } from "../documents/FailureCause.ts"
import { DatasetId, DocumentId, SegmentId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { IndexState } from "./IndexState.ts"

/** Where a segment comes from: cut from the document, or made by hand in place of one that was, or beside them. */
export const SegmentOrigin = Schema.Literals(["parsed", "edited", "added"])
export type SegmentOrigin = typeof SegmentOrigin.Type

/** Words by which a segment is found that do not stand in it. */
export const Keywords = Schema.Array(Schema.String.check(Schema.isBetweenLength(1, 64), isStorable))
  .check(Schema.isMaxLength(10))

/** The unit of search: a piece of a document's published version. Immutable in its text; an edit puts another one in its place. */
export class Segment extends Schema.Class<Segment>("@sheaf/domain/segments/Segment/Segment")({
  id: SegmentId,
  documentId: DocumentId,
  datasetId: DatasetId,
  /** Its place among the others, which grows along the document. Those that were cut from it have 0, 1, 2 ...; added ones stand between. */
  ordinal: Schema.Finite,
  text: Schema.String,
  /** Titles above it, outermost first. */
  headingPath: Schema.Array(Schema.String),
  tokens: Schema.Int,
  /** BCP 47, as detected. */
  language: Schema.String,
  enabled: Schema.Boolean,
  indexState: IndexState,
  /** Why it could not be brought to the index yet; it is tried again. */
  indexCause: Schema.NullOr(FailureCause),
  boxes: Schema.Array(Box),
  /** Pictures and files of what it was made from; `AssetsList` says more of each. */
  assets: Schema.Array(AssetRef),
  /** Counts its changes, over all edits; send it back as `ifVersion` to change nothing that you have not seen. */
  version: Schema.Int,
  keywords: Schema.Array(Schema.String),
  origin: SegmentOrigin,
  /** The segment that it is a child of. */
  parentId: Schema.NullOr(SegmentId),
  /** How many children it has. */
  children: Schema.Int,
  /** Whether searches look for it; what they do not look for is a parent, found by its children. */
  searched: Schema.Boolean,
  /** What is known of it by name, such as the cells of a table's row. */
  fields: Metadata
}) {}
