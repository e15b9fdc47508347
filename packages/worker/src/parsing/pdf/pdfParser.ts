import type { Element } from "@sheaf/domain/documents/Element"
import { attachedList } from "../attachedList.ts"
import type { ParseOutput, Parser } from "../Parser.ts"
import { withAnnotations } from "./annotations.ts"
import { attachedFile, attachedFiles } from "./attachedFiles.ts"
import { openPdf } from "./document.ts"
import { maxDecodedPixels, maxStreamBytes } from "./library/library.ts"
import { labelled, withLabels } from "./pageLabels.ts"
import { pageLayout } from "./pageLayout.ts"
import type { Picture } from "./content/pictures.ts"

/**
 * PDF: text in reading order with its place on the page, titles, lists, code, tables, pictures with their captions, footnotes behind
 * their page; links, fields of forms, notes, and attached files. Running headers and footers are left out. A page that cannot be read
 * costs that page only.
 */
export const pdfParser: Parser = {
  inspect: async (input) => {
    const { pages } = await openPdf(input)
    return { mediaType: input.mediaType, pages: pages.count }
  },
  parse: async function*(input, range, output) {
    const { warn } = output
    const open = await openPdf(input)
    const pictures = new WeakMap<Element, Picture>()
    const elementsOf = pageLayout(open, pictures)
    const first = Math.max(range?.first ?? 1, 1)
    const last = Math.min(range?.last ?? open.pages.count, open.pages.count)
    open.pages.want({ first, last })
    const labels = await open.pages.labels()
    for (let page = first; page <= last; page++) {
      try {
        const elements = await elementsOf(page)
        const over = await open.pages.annotations(page)
        for (const element of withAnnotations(elements, over)) {
          yield withLabels(await withAsset(element, pictures.get(element), page, output), labels)
        }
        if ((await open.pages.text(page))?.cut === true) {
          warn({
            page,
            detail: `something on it was left out: it is larger than ${maxStreamBytes} bytes when unpacked`
          })
        }
        for (const file of over.files) {
          yield* attachedList([attachedFile(open.pdf, file)], output, [labelled(file.box, labels)])
        }
      } catch (error) {
        warn({ page, detail: error instanceof Error ? error.message.slice(0, 200) : "the page is damaged" })
      }
    }
    if (last === open.pages.count) yield* attachedList(await attachedFiles(open.pdf), output)
  }
}

/** A picture is handed out with its element, and not kept. */
const withAsset = async (
  element: Element,
  picture: Picture | undefined,
  page: number,
  { asset, warn }: ParseOutput
): Promise<Element> => {
  if (picture?.tooLarge === true) {
    const size = `${picture.width} × ${picture.height}`
    warn({
      page,
      detail: `a picture of ${size} pixels has none of its own: more than ${maxDecodedPixels} are not decoded`
    })
  }
  if (picture === undefined || picture.png === null) return element
  const hash = await asset({ bytes: picture.png, mediaType: "image/png" })
  picture.png = null
  return { ...element, assets: [{ hash, role: "image" }] }
}
