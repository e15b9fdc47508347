import { Schema } from "effect"
import { Box } from "../documents/Element.ts"
import { DatasetId, DocumentId, SegmentId } from "../ids.ts"

/** Whether the search index agrees with the database about a segment. `failed`: it could not be brought in step; it is tried again. */
export const IndexState = Schema.Literals(["in_sync", "pending", "failed"])

/** The unit of search: a piece of a document's published version. Immutable; an edit makes another one. */
export class Segment extends Schema.Class<Segment>("@sheaf/domain/segments/Segment/Segment")({
  id: SegmentId,
  documentId: DocumentId,
  datasetId: DatasetId,
  /** Place in the document, from 0. */
  ordinal: Schema.Int,
  text: Schema.String,
  /** Titles above it, outermost first. */
  headingPath: Schema.Array(Schema.String),
  tokens: Schema.Int,
  /** BCP 47, as detected. */
  language: Schema.String,
  enabled: Schema.Boolean,
  indexState: IndexState,
  boxes: Schema.Array(Box)
}) {}
