import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { annotationReader, type Annotations } from "./annotations.ts"
import type { PageRange } from "../Parser.ts"
import { withDropCaps } from "./text/dropCaps.ts"
import { type EdgeLine, edgeLines } from "./layout/furniture.ts"
import { evenSizes, isScan } from "./layout/scans.ts"
import { streamsOver } from "./library/library.ts"
import { toLines } from "./text/lines.ts"
import { labelReader, type PageLabels } from "./pageLabels.ts"
import { pageContent } from "./content/pageContent.ts"
import type { PageFrame } from "./text/pageText.ts"
import type { Rule } from "./content/rules.ts"
import { type Picture, picturesOf } from "./content/pictures.ts"
import { type Segment, toSegments } from "./text/segments.ts"

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
  readonly pictures: ReadonlyArray<Picture>
  /** Something of it was left out because it unpacks to too much. */
  readonly cut: boolean
}

export interface Pages {
  readonly count: number
  /** How often a page was read so far. */
  readonly read: () => number
  /** What pages are called, where that is not their number. */
  readonly labels: () => Promise<PageLabels>
  /** What lies over a page; nothing where it is damaged. */
  readonly annotations: (page: number) => Promise<Annotations>
  /** From now on, pages up to the last of this range are asked for what lies over them. */
  readonly want: (range: PageRange) => void
  /** A page's text as it lies on it; null outside the document. Throws what the library throws on a damaged page. */
  readonly text: (page: number) => Promise<PdfPage | null>
  /** The same, of a page that stays: it is known that it will be asked for again. */
  readonly keep: (page: number) => Promise<PdfPage | null>
}

/** Pages around the current one are looked at several times (running headers), so a few stay. */
const kept = 12

export const makePages = (pdf: PDFDocumentProxy): Pages => {
  const recent = new Map<number, Promise<PdfPage>>()
  const pinned = new Map<number, Promise<PdfPage>>()
  let pagesRead = 0
  let wanted: PageRange | null = null
  const annotations = annotationReader(pdf)
  const read = async (number: number): Promise<PdfPage> => {
    pagesRead++
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
    const page = await text(number)
    const known = recent.get(number)
    if (known !== undefined) pinned.set(number, known)
    return page
  }
  return {
    count: pdf.numPages,
    read: () => pagesRead,
    text,
    keep,
    labels: labelReader(pdf),
    annotations: (page) => annotations(page, wanted?.last ?? pdf.numPages),
    want: (range) => void (wanted = range)
  }
}

const asTheyAre = (segments: ReadonlyArray<Segment>) => segments

const readPage = async (pdf: PDFDocumentProxy, number: number): Promise<PdfPage> => {
  const before = streamsOver()
  const page = await pdf.getPage(number)
  try {
    const viewport = page.getViewport({ scale: 1 })
    const content = await pageContent(page, viewport)
    const even = isScan(content.drawn, viewport) ? evenSizes : asTheyAre
    const groups = content.groups.map(({ direction, height, runs, width }) => ({
      direction,
      width,
      height,
      segments: even(toSegments(withDropCaps(runs)))
    }))
    const [main] = groups
    const edges = main === undefined ? [] : edgeLines(toLines(main.segments), main.height)
    const { bold, drawn, rules } = content
    const { height, width } = viewport
    const pictures = await picturesOf(page, drawn, { width, height })
    return { page: number, groups, edges, rules, bold, pictures, cut: streamsOver() > before }
  } finally {
    page.cleanup()
  }
}
