import type { Element } from "@sheaf/domain/documents/Element"
import { attachedList } from "../attachedList.ts"
import type { ParseOutput, Parser } from "../Parser.ts"
import { withAnnotations } from "./annotations.ts"
import { attachedFile, attachedFiles } from "./attachedFiles.ts"
import { openPdf } from "./document.ts"
import { maxStreamBytes } from "./library/library.ts"
import { labelled, withLabels } from "./pageLabels.ts"
import { pageLayout } from "./pageLayout.ts"
import { maxDecodedPixels, pictureFile } from "./content/pictureFile.ts"
import { type Picture, unnamed } from "./content/pictures.ts"

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
        let left = maxPictureBytes
        for (const element of withAnnotations(elements, over)) {
          const picture = pictures.get(element)
          if (picture === undefined) {
            yield withLabels(element, labels)
            continue
          }
          const shown = await withAsset(element, picture, { page, left, output })
          if (shown === null) continue
          left -= shown.bytes
          yield withLabels(shown.element, labels)
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

/** Bytes of one page's pictures together. */
const maxPictureBytes = 16 * 1_024 * 1_024

interface Shown {
  readonly element: Element
  readonly bytes: number
}

/** An element with its picture, which is handed out and not kept; nothing where nothing can be shown and nothing is said. */
const withAsset = async (
  element: Element,
  { stored }: Picture,
  { left, output, page }: { readonly page: number; readonly left: number; readonly output: ParseOutput }
): Promise<Shown | null> => {
  const file = await pictureFile(stored)
  if (file !== null && file.bytes.length <= left) {
    const hash = await output.asset(file)
    return { element: { ...element, assets: [{ hash, role: "image" }] }, bytes: file.bytes.length }
  }
  const size = `a picture of ${stored.width} × ${stored.height} pixels`
  const reason = file !== null
    ? `it and those before it have more than ${maxPictureBytes} bytes`
    : stored.width * stored.height > maxDecodedPixels
    ? `more than ${maxDecodedPixels} are not decoded`
    : "it cannot be decoded"
  output.warn({ page, detail: `${size} is not shown: ${reason}` })
  return file === null && element.text === unnamed(page) && stored.width * stored.height <= maxDecodedPixels
    ? null
    : { element, bytes: 0 }
}
