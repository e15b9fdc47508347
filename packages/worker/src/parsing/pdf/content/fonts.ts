import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"

/** What is used of a font. */
export interface Font {
  /** The library's name of it, the same on all pages. */
  readonly id: string
  readonly bold: boolean
  readonly mono: boolean
  readonly vertical: boolean
  /** Ems per unit of a glyph's width. */
  readonly unit: number
  /** Ems of height that one unit of size stands for: 1 but in fonts whose glyphs are drawings. */
  readonly height: number
}

/** What the library hands out for a font, as far as it is of use here; it has no types for it. */
interface FontObject {
  readonly name?: string
  readonly bold?: boolean
  readonly black?: boolean
  readonly fallbackName?: string
  readonly vertical?: boolean
  readonly fontMatrix?: ReadonlyArray<number>
  readonly bbox?: ReadonlyArray<number>
  readonly isType3Font?: boolean
}

const boldName = /bold|black|heavy|[-_,]demi|cmbx|cmssbx|-bd\b|-medi$/i
const monoName = /courier|mono(?!type)|typewriter|consol|menlo|cmtt|inconsolata|fixed/i

/** A font that a page has set; null where the library could not read it. */
export const fontOf = (page: PDFPageProxy, id: string): Font | null => {
  if (!page.commonObjs.has(id)) return null
  const found = page.commonObjs.get(id) as FontObject | Error
  if (found instanceof Error || typeof found !== "object" || found === null) return null
  const { bbox, black, bold, fallbackName, fontMatrix, isType3Font, name = "", vertical } = found
  const mono = fallbackName === "monospace" || monoName.test(name)
  return {
    id,
    bold: !mono && (bold === true || black === true || boldName.test(name)),
    mono,
    vertical: vertical === true,
    unit: fontMatrix?.[0] ?? 0.001,
    height: isType3Font === true ? drawnHeight(fontMatrix, bbox) : 1
  }
}

const drawnHeight = (matrix: ReadonlyArray<number> = [], bbox: ReadonlyArray<number> = []): number => {
  const scale = Math.abs(matrix[3] ?? 0.001)
  const height = Math.abs((bbox[3] ?? 0) - (bbox[1] ?? 0))
  return height > 0 ? height * scale : 1_000 * scale
}
