import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { compoundsIn } from "./text/hyphens.ts"
import type { Pages } from "./pages.ts"

/** What pages are judged against; the same for every range, because it comes from the same pages. */
export interface DocumentFacts {
  /** Size of most of the text. */
  readonly bodySize: number
  /** Most of the text is bold: then nothing stands out by it. */
  readonly boldBody: boolean
  readonly monoBody: boolean
  /** Depth of each title in the outline, by `titleKey`. */
  readonly outline: ReadonlyMap<string, number>
  /** Words that are written with a hyphen, in lower case. */
  readonly compounds: ReadonlySet<string>
}

const sampledPages = 8
const maxOutline = 5_000

export const factsOf = async (pdf: PDFDocumentProxy, pages: Pages): Promise<DocumentFacts> => {
  const sizes = new Map<number, number>()
  const fonts = new Map<string, { length: number; readonly bold: boolean }>()
  const compounds = new Set<string>()
  let mono = 0
  let all = 0
  for (const number of sample(pages.count)) {
    // A page that cannot be read says nothing here, and is reported when its turn comes.
    const page = await pages.keep(number).catch(() => null)
    for (const { font, mono: isMono, size, text } of page?.groups.flatMap(({ segments }) => segments) ?? []) {
      const rounded = Math.round(size * 2) / 2
      sizes.set(rounded, (sizes.get(rounded) ?? 0) + text.length)
      const known = fonts.get(font) ?? { length: 0, bold: page?.bold.has(font) === true }
      known.length += text.length
      fonts.set(font, known)
      all += text.length
      for (const word of compoundsIn(text)) compounds.add(word)
      if (isMono) mono += text.length
    }
  }
  const [body] = [...fonts].sort(([, a], [, b]) => b.length - a.length)
  return {
    bodySize: most(sizes) ?? 10,
    boldBody: body?.[1].bold === true,
    monoBody: mono > 0.6 * all,
    outline: await outlineOf(pdf),
    compounds
  }
}

/** Pages spread evenly over the document. */
const sample = (count: number): ReadonlyArray<number> => {
  const taken = Math.min(count, sampledPages)
  return Array.from({ length: taken }, (_, at) => Math.floor(((at + 0.5) * count) / taken) + 1)
}

const most = (weights: ReadonlyMap<number, number>): number | undefined => {
  let best: number | undefined
  let weight = 0
  for (const [key, value] of weights) {
    if (value > weight) {
      best = key
      weight = value
    }
  }
  return best
}

/** Titles are compared by their letters: outlines often leave out numbers and spaces. */
export const titleKey = (title: string): string =>
  title.normalize("NFKC").toLowerCase().replace(/^[\s\d.]+/, "").replace(/[^\p{L}\p{N}]/gu, "")

const outlineOf = async (pdf: PDFDocumentProxy): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>()
  const top = await pdf.getOutline().catch(() => null)
  const queue = (top ?? []).map((item) => ({ item, depth: 1 }))
  for (let at = 0; at < queue.length && at < maxOutline; at++) {
    const { depth, item } = queue[at]!
    const key = titleKey(item.title)
    if (key.length > 1 && !found.has(key)) found.set(key, depth)
    for (const inner of item.items as typeof top & object) queue.push({ item: inner, depth: depth + 1 })
  }
  return found
}
