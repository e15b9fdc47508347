import type { Element } from "@sheaf/domain/documents/Element"
import type { OpenPdf } from "./document.ts"
import { goesOn, pageElements, type PageParts } from "./pageElements.ts"
import type { PdfPage } from "./pages.ts"
import { isSamePicture, type Picture, withPictures } from "./content/pictures.ts"
import { joinLines } from "./text/runText.ts"

type Layout = (page: number) => Promise<PageParts>

const nothing: PageParts = { flow: [], notes: [] }

/**
 * Answers the elements of one page after another: its own text, pictures among it, and its footnotes behind it. A picture's bytes
 * are found by its element in `pictures`.
 */
export const pageLayout = (
  open: OpenPdf,
  pictures: WeakMap<Element, Picture>
): (page: number) => Promise<ReadonlyArray<Element>> => {
  const layout = layouts(open, pictures)
  return async (page) => {
    const { flow, notes } = await layout(page)
    const { compounds } = await open.facts()
    return [...await joinAcross(flow, (number) => layout(number).catch(() => nothing), page, compounds), ...notes]
  }
}

/** Pages' elements; the last few are kept, because neighbours are asked for what goes on. */
const layouts = (open: OpenPdf, pictures: WeakMap<Element, Picture>): Layout => {
  const recent = new Map<number, Promise<PageParts>>()
  return (page) => {
    const found = recent.get(page) ?? partsOf(open, page, pictures)
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
  page: number,
  compounds: ReadonlySet<string>
): Promise<ReadonlyArray<Element>> => {
  const begun = continuation((await layout(page - 1)).flow, elements) !== null
  const own = begun ? elements.slice(1) : elements
  const last = own.at(-1)
  const rest = continuation(own, (await layout(page + 1)).flow)
  if (last === undefined || rest === null) return own
  return [...own.slice(0, -1), {
    ...last,
    text: joinLines(last.text, rest.text, compounds),
    boxes: [...last.boxes, ...rest.boxes]
  }]
}

const continuation = (elements: ReadonlyArray<Element>, following: ReadonlyArray<Element>): Element | null => {
  const last = elements.at(-1)
  const [first, second] = following
  return last !== undefined && first !== undefined && second !== undefined && goesOn(last, first) ? first : null
}

const partsOf = async (
  open: OpenPdf,
  number: number,
  pictures: WeakMap<Element, Picture>
): Promise<PageParts> => {
  const facts = await open.facts()
  const page = await open.pages.text(number)
  if (page === null) return nothing
  const around = await neighboursOf(open, number)
  const { flow, notes } = pageElements(page, {
    facts,
    neighbours: around.flatMap(({ offset, page: { edges } }) => edges.length > 0 ? [{ offset, lines: edges }] : []),
    isBold: (font) => !facts.boldBody && page.bold.has(font)
  })
  const own = page.pictures.filter((picture) =>
    !around.some((other) => other.page.pictures.some((one) => isSamePicture(one, picture)))
  )
  const laid = withPictures(flow, own, number)
  for (const [element, picture] of laid.shown) pictures.set(element, picture)
  return { flow: laid.elements, notes }
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
