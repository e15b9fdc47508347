import { oneLine } from "@sheaf/domain/documents/cleanText"
import type { Box, Element } from "@sheaf/domain/documents/Element"
import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"

/** What pages are called (ISO 32000-2, 12.4.2), by their numbers; a page that is called by its number is not in it. */
export type PageLabels = ReadonlyMap<number, string>

/** Labels are numbers with something before them; a longer one is no name that anybody cites. */
const longest = 32

/** Labels of a document, looked up when first asked for; none where it has none, or damaged ones. */
export const labelReader = (pdf: PDFDocumentProxy): () => Promise<PageLabels> => {
  let found: Promise<PageLabels> | null = null
  return () => found ??= pdf.getPageLabels().then((labels) => labelsOf(labels ?? []), () => new Map())
}

const labelsOf = (labels: ReadonlyArray<string>): PageLabels => {
  const found = new Map<number, string>()
  for (const [at, raw] of labels.entries()) {
    if (raw.length > longest) continue
    const label = oneLine(raw)
    if (label !== "" && label !== String(at + 1)) found.set(at + 1, label)
  }
  return found
}

/** The same element, with what its pages are called. */
export const withLabels = (element: Element, labels: PageLabels): Element =>
  labels.size === 0 ? element : { ...element, boxes: element.boxes.map((box) => labelled(box, labels)) }

export const labelled = (box: Box, labels: PageLabels): Box => {
  const pageLabel = labels.get(box.page)
  return pageLabel === undefined ? box : { ...box, pageLabel }
}
