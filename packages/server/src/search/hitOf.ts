import type { Readable } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import { highlights } from "@sheaf/adapters/text/analyzer"
import { type Score, SearchHit } from "@sheaf/domain/search/Search"

const citationOf = (boxes: Readable["boxes"]): SearchHit["citation"] => {
  const [first] = boxes
  if (first === undefined) return { page: null, boxes }
  return { page: first.page, ...(first.pageLabel !== undefined && { pageLabel: first.pageLabel }), boxes }
}

/** A segment as an answer: what matches in it, where it stands, why it is here. */
export const hitOf = (segment: Readable, score: Score, terms: ReadonlyArray<string>): SearchHit =>
  new SearchHit({
    segmentId: segment.segmentId,
    documentId: segment.documentId,
    datasetId: segment.datasetId,
    documentName: segment.documentName,
    text: segment.text,
    headingPath: segment.headingPath,
    parent: segment.parent,
    highlights: highlights(segment.text, terms),
    citation: citationOf(segment.boxes),
    metadata: segment.metadata,
    score
  })
