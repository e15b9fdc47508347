import type { Element } from "@sheaf/domain/documents/Element"
import type { ParseOutput, Parser } from "../Parser.ts"
import { withAnnotations } from "./annotations.ts"
import { openPdf } from "./document.ts"
import { pageLayout } from "./pageLayout.ts"
import type { Picture } from "./pictures.ts"

/**
 * PDF: text in reading order with its place on the page, titles, lists, code, tables, pictures with their captions, footnotes behind
 * their page; links, fields of forms and notes. Running headers and footers are left out. A page that cannot be read costs that page only.
 */
export const pdfParser: Parser = {
  inspect: async (input) => {
    const { pages } = await openPdf(input)
    return { mediaType: input.mediaType, pages: pages.count }
  },
  parse: async function*(input, range, { asset, warn }) {
    const open = await openPdf(input)
    const pictures = new WeakMap<Element, Picture>()
    const elementsOf = pageLayout(open, pictures)
    const first = Math.max(range?.first ?? 1, 1)
    const last = Math.min(range?.last ?? open.pages.count, open.pages.count)
    open.pages.want({ first, last })
    for (let page = first; page <= last; page++) {
      try {
        const elements = await elementsOf(page)
        for (const element of withAnnotations(elements, await open.pages.annotations(page))) {
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
