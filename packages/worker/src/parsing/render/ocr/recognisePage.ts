import type { Element } from "@sheaf/domain/documents/Element"
import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { tidy } from "../../tidy.ts"
import { drawRegion } from "../draw.ts"
import type { LanguageData } from "../protocol.ts"
import { type Place, type Reading, readingOf } from "./elementsOf.ts"
import { type Gray, isBlank, toGray, turned } from "./gray.ts"
import { recogniseGray } from "./tesseract.ts"
import { paragraphsOf } from "./tsv.ts"

export interface RecogniseOptions {
  readonly dpi: number
  readonly maxPixels: number
  readonly languages: ReadonlyArray<LanguageData>
}

/** Draws a page and reads it; one that makes little sense is turned, for it may lie on its side or upside down. */
export const recognisePage = async (
  page: PDFPageProxy,
  options: RecogniseOptions
): Promise<{ readonly blank: boolean; readonly elements: ReadonlyArray<Element>; readonly confidence: number }> => {
  const { dpi, gray } = await pictureOf(page, options)
  if (isBlank(gray)) return { blank: true, elements: [], confidence: 0 }
  let picture = gray
  let best: Reading | undefined
  for (const quarters of [0, 1, 2, 3]) {
    if (quarters > 0) picture = turned(picture)
    const tsv = await recogniseGray(picture, dpi, options.languages)
    const reading = readingOf(paragraphsOf(tsv), page.pageNumber, placeIn(picture, quarters))
    if (best === undefined || reading.taken * reading.confidence > best.taken * best.confidence) best = reading
    if (makesSense(best)) break
  }
  const { confidence, elements } = best!
  return { blank: false, elements: elements.flatMap((element) => Array.from(tidy(element))), confidence }
}

/** Most of what was seen was taken: the right way up, a page rarely falls below, and any other way it does. */
const makesSense = ({ all, confidence, taken }: Reading): boolean => taken > 0.6 * all && confidence >= 65

/** The canvas is let go before the reading begins. */
const pictureOf = async (
  page: PDFPageProxy,
  { dpi, maxPixels }: RecogniseOptions
): Promise<{ readonly dpi: number; readonly gray: Gray }> => {
  const whole = { page: page.pageNumber, x0: 0, y0: 0, x1: 1, y1: 1 }
  const drawing = await drawRegion(page, whole, { dpi, maxPixels })
  const { height, width } = drawing.canvas
  const { data } = drawing.canvas.getContext("2d").getImageData(0, 0, width, height)
  return { dpi: drawing.dpi, gray: toGray(width, height, data) }
}

/** Where a point of the turned picture stands on the page. */
const placeIn = ({ height, width }: Gray, quarters: number): Place => (x, y) => {
  const [across, down] = [x / width, y / height]
  if (quarters === 1) return [down, 1 - across]
  if (quarters === 2) return [1 - across, 1 - down]
  return quarters === 3 ? [1 - down, across] : [across, down]
}
