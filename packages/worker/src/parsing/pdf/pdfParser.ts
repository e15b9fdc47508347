import type { Element } from "@sheaf/domain/documents/Element"
import type { Parser } from "../Parser.ts"
import { type OpenPdf, openPdf } from "./document.ts"
import type { NeighbourEdge } from "./furniture.ts"
import { pageElements } from "./pageElements.ts"
import type { PdfPage } from "./pages.ts"

/**
 * PDF: text in reading order with its place on the page, titles, lists, code and simple tables; running headers and footers are left out.
 * A page that cannot be read costs that page only.
 */
export const pdfParser: Parser = {
  mediaTypes: ["application/pdf"],
  inspect: async (input) => {
    const { pages } = await openPdf(input)
    return { mediaType: input.mediaType, pages: pages.count }
  },
  parse: async function*(input, range, warn) {
    const open = await openPdf(input)
    const last = Math.min(range?.last ?? open.pages.count, open.pages.count)
    for (let page = Math.max(range?.first ?? 1, 1); page <= last; page++) {
      try {
        yield* await elementsOf(open, page)
      } catch (error) {
        warn({ page, detail: error instanceof Error ? error.message.slice(0, 200) : "the page is damaged" })
      }
    }
  }
}

const elementsOf = async (open: OpenPdf, number: number): Promise<ReadonlyArray<Element>> => {
  const facts = await open.facts()
  const page = await open.pages.text(number)
  if (page === null) return []
  const weights = await open.weights(page)
  return pageElements(page, {
    facts,
    neighbours: await neighboursOf(open, number),
    isBold: (font) => weights.get(font) === true
  })
}

const neighboursOf = async (open: OpenPdf, number: number): Promise<ReadonlyArray<NeighbourEdge>> => {
  const edges: Array<NeighbourEdge> = []
  for (const offset of [-2, -1, 1, 2]) {
    const page: PdfPage | null = await open.pages.text(number + offset).catch(() => null)
    if (page !== null && page.edges.length > 0) edges.push({ offset, lines: page.edges })
  }
  return edges
}
