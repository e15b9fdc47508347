import type { IndexEntry } from "@sheaf/adapters/search/SearchIndex"
import { analyze } from "@sheaf/adapters/text/analyzer"
import { embeddedText, type Passage } from "@sheaf/adapters/text/embeddedText"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { DatasetId, DocumentId, SegmentId } from "@sheaf/domain/ids"

/** What the entries of a document have in common. */
export interface IndexedDocument {
  readonly datasetId: DatasetId
  readonly documentId: DocumentId
  readonly name: string
  readonly mediaType: string | null
  readonly createdAt: Date
  readonly metadata: Metadata
}

/** What the search index holds of a segment. Keywords are words of it like those of its text; the vector knows nothing of them. */
export const entryOf = (
  { createdAt, datasetId, documentId, mediaType, metadata, name }: IndexedDocument,
  segment: Passage & { readonly id: SegmentId; readonly keywords: ReadonlyArray<string> },
  vector: Float32Array | null
): IndexEntry => {
  const { length, terms } = analyze([embeddedText(segment), ...segment.keywords].join("\n"))
  return {
    segmentId: segment.id,
    datasetId,
    documentId,
    document: { name, mediaType: mediaType ?? "", createdAt, metadata },
    terms,
    length,
    vector
  }
}
