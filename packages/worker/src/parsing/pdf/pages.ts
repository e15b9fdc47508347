import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { type EdgeLine, edgeLines } from "./furniture.ts"
import { toLines } from "./lines.ts"
import { pageContent } from "./pageContent.ts"
import type { PageFrame } from "./pageText.ts"
import type { Rule } from "./rules.ts"
import { type Segment, toSegments } from "./segments.ts"

export interface PageGroup extends PageFrame {
  readonly segments: ReadonlyArray<Segment>
}

export interface PdfPage {
  readonly page: number
  /** Text by direction, the one with most text first. */
  readonly groups: ReadonlyArray<PageGroup>
  /** Lines of the first group near the upper and lower end. */
  readonly edges: ReadonlyArray<EdgeLine>
  /** Lines that are drawn on it. */
  readonly rules: ReadonlyArray<Rule>
  /** Fonts of its text that are bold; typewriter fonts count as not. */
  readonly bold: ReadonlySet<string>
}

export interface Pages {
  readonly count: number
  /** A page's text as it lies on it; null outside the document. Throws what the library throws on a damaged page. */
  readonly text: (page: number) => Promise<PdfPage | null>
  /** The same, of a page that stays: it is known that it will be asked for again. */
  readonly keep: (page: number) => Promise<PdfPage | null>
}

/** Pages around the current one are looked at several times (running headers), so a few stay. */
const kept = 12

/** After so many pages what the library has collected is let go: memory must not grow with the length of the document. */
const pagesBetweenCleanups = 128

export const makePages = (pdf: PDFDocumentProxy): Pages => {
  const recent = new Map<number, Promise<PdfPage>>()
  const pinned = new Map<number, Promise<PdfPage>>()
  let pagesRead = 0
  const read = async (number: number): Promise<PdfPage> => {
    if (++pagesRead % pagesBetweenCleanups === 0) {
      await pdf.cleanup().catch(() => undefined)
      globalThis.gc?.()
    }
    return readPage(pdf, number)
  }
  const text: Pages["text"] = async (number) => {
    if (number < 1 || number > pdf.numPages) return null
    const found = pinned.get(number) ?? recent.get(number) ?? read(number)
    recent.delete(number)
    recent.set(number, found)
    for (const old of recent.keys()) {
      if (recent.size <= kept) break
      recent.delete(old)
    }
    return found
  }
  const keep: Pages["keep"] = async (number) => {
    const found = text(number)
    const page = recent.get(number)
    if (page !== undefined) pinned.set(number, page)
    return found
  }
  return { count: pdf.numPages, text, keep }
}

const readPage = async (pdf: PDFDocumentProxy, number: number): Promise<PdfPage> => {
  const page = await pdf.getPage(number)
  try {
    const content = await pageContent(page, page.getViewport({ scale: 1 }))
    const groups = content.groups.map(({ direction, height, runs, width }) => ({
      direction,
      width,
      height,
      segments: toSegments(runs)
    }))
    const [main] = groups
    const edges = main === undefined ? [] : edgeLines(toLines(main.segments), main.height)
    return { page: number, groups, edges, rules: content.rules, bold: content.bold }
  } finally {
    page.cleanup()
  }
}
