import type { Element } from "@sheaf/domain/documents/Element"
import type { ParseOutput, Parser } from "../Parser.ts"
import { withAnnotations } from "./annotations.ts"
import { type OpenPdf, openPdf } from "./document.ts"
import { goesOn, pageElements } from "./pageElements.ts"
import type { PdfPage } from "./pages.ts"
import { isSamePicture, type Picture, withPictures } from "./pictures.ts"
import { joinLines } from "./runText.ts"

/**
 * PDF: text in reading order with its place on the page, titles, lists, code and simple tables; running headers and footers are left out.
 * A page that cannot be read costs that page only.
 */
export const pdfParser: Parser = {
  inspect: async (input) => {
    const { pages } = await openPdf(input)
    return { mediaType: input.mediaType, pages: pages.count }
  },
  parse: async function*(input, range, { asset, warn }) {
    const open = await openPdf(input)
    const pictures = new WeakMap<Element, Picture>()
    const layout = layouts(open, pictures)
    const first = Math.max(range?.first ?? 1, 1)
    const last = Math.min(range?.last ?? open.pages.count, open.pages.count)
    open.pages.want({ first, last })
    for (let page = first; page <= last; page++) {
      try {
        const elements = await joinAcross(await layout(page), (number) => layout(number).catch(() => []), page)
        const annotations = await open.pages.annotations(page)
        for (const element of withAnnotations(elements, annotations)) {
          yield await withAsset(element, pictures.get(element), asset)
        }
      } catch (error) {
        warn({ page, detail: error instanceof Error ? error.message.slice(0, 200) : "the page is damaged" })
      }
    }
  }
}

/** A picture is handed out with its element, and not kept. */
const withAsset = async (
  element: Element,
  picture: Picture | undefined,
  asset: ParseOutput["asset"]
): Promise<Element> => {
  if (picture === undefined || picture.png === null) return element
  const hash = await asset({ bytes: picture.png, mediaType: "image/png" })
  picture.png = null
  return { ...element, assets: [{ hash, role: "image" }] }
}

type Layout = (page: number) => Promise<ReadonlyArray<Element>>

/** Pages' elements; the last few are kept, because neighbours are asked for what goes on. */
const layouts = (open: OpenPdf, pictures: WeakMap<Element, Picture>): Layout => {
  const recent = new Map<number, Promise<ReadonlyArray<Element>>>()
  return (page) => {
    const found = recent.get(page) ?? elementsOf(open, page, pictures)
    recent.set(page, found)
    for (const old of recent.keys()) {
      if (old < page - 2) recent.delete(old)
    }
    return found
  }
}

/**
 * A paragraph belongs to the page that it begins on, all of it: the page that it ends on leaves its part out. It may run over two pages;
 * a page that is one single paragraph stays apart.
 */
const joinAcross = async (
  elements: ReadonlyArray<Element>,
  layout: Layout,
  page: number
): Promise<ReadonlyArray<Element>> => {
  const begun = continuation(await layout(page - 1), elements) !== null
  const own = begun ? elements.slice(1) : elements
  const last = own.at(-1)
  const rest = continuation(own, await layout(page + 1))
  if (last === undefined || rest === null) return own
  return [...own.slice(0, -1), {
    ...last,
    text: joinLines(last.text, rest.text),
    boxes: [...last.boxes, ...rest.boxes]
  }]
}

const continuation = (elements: ReadonlyArray<Element>, following: ReadonlyArray<Element>): Element | null => {
  const last = elements.at(-1)
  const [first, second] = following
  return last !== undefined && first !== undefined && second !== undefined && goesOn(last, first) ? first : null
}

const elementsOf = async (
  open: OpenPdf,
  number: number,
  pictures: WeakMap<Element, Picture>
): Promise<ReadonlyArray<Element>> => {
  const facts = await open.facts()
  const page = await open.pages.text(number)
  if (page === null) return []
  const around = await neighboursOf(open, number)
  const elements = pageElements(page, {
    facts,
    neighbours: around.flatMap(({ offset, page: { edges } }) => edges.length > 0 ? [{ offset, lines: edges }] : []),
    isBold: (font) => !facts.boldBody && page.bold.has(font)
  })
  const own = page.pictures.filter((picture) =>
    !around.some((other) => other.page.pictures.some((one) => isSamePicture(one, picture)))
  )
  const laid = withPictures(elements, own, number)
  for (const [element, picture] of laid.shown) pictures.set(element, picture)
  return laid.elements
}

interface Neighbour {
  readonly offset: number
  readonly page: PdfPage
}

const neighboursOf = async (open: OpenPdf, number: number): Promise<ReadonlyArray<Neighbour>> => {
  const found: Array<Neighbour> = []
  for (const offset of [-2, -1, 1, 2]) {
    const page = await open.pages.text(number + offset).catch(() => null)
    if (page !== null) found.push({ offset, page })
  }
  return found
}
