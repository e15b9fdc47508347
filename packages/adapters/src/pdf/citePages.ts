import type { Box } from "@sheaf/domain/documents/Element"
import { BlendMode, EncryptedPDFError, PDFDocument, PDFName, type PDFPage, rgb } from "pdf-lib"
import { PdfFailure } from "./PdfFailure.ts"

/** What links, scripts and threads of a page lead to would come along, and may be the whole document. */
const leadsAway = ["Annots", "AA", "B", "PieceInfo", "Metadata", "StructParents"]

/**
 * A PDF of the pages that boxes stand on, each once and in their order, with the boxes highlighted. Pages look as they do in the original;
 * links, forms and scripts are left out.
 */
export const citePages = async (
  bytes: Uint8Array,
  boxes: ReadonlyArray<Box>,
  maxPages: number
): Promise<Uint8Array> => {
  const numbers = [...new Set(boxes.map((box) => box.page))].sort((one, other) => one - other)
  if (numbers.length > maxPages) {
    throw new PdfFailure({ _tag: "TooLarge", what: "cited pages", limit: maxPages, actual: numbers.length })
  }
  const source = await open(bytes)
  const count = source.getPageCount()
  const there = numbers.filter((number) => number <= count)
  if (there.length === 0) throw new PdfFailure({ _tag: "NoPages" })
  for (const number of there) {
    const { node } = source.getPage(number - 1)
    for (const name of leadsAway) node.delete(PDFName.of(name))
  }
  const cited = await PDFDocument.create({ updateMetadata: false })
  const pages = await cited.copyPages(source, there.map((number) => number - 1))
  for (const [index, page] of pages.entries()) {
    cited.addPage(page)
    for (const box of boxes) if (box.page === there[index]) highlight(page, box)
  }
  return cited.save()
}

const open = async (bytes: Uint8Array): Promise<PDFDocument> => {
  try {
    return await PDFDocument.load(bytes, { updateMetadata: false })
  } catch (error) {
    if (error instanceof EncryptedPDFError) throw new PdfFailure({ _tag: "Encrypted", wrongPassword: false })
    throw error
  }
}

/** Boxes are fractions of the page as it is displayed; what is drawn is turned with the page. */
const highlight = (page: PDFPage, box: Box): void => {
  const { height, width, x, y } = page.getCropBox()
  const place = placeOn[((page.getRotation().angle % 360) + 360) % 360] ?? placeOn[0]!
  const [u0, v0] = place(box.x0, box.y0)
  const [u1, v1] = place(box.x1, box.y1)
  page.drawRectangle({
    x: x + Math.min(u0, u1) * width,
    y: y + Math.min(v0, v1) * height,
    width: Math.abs(u1 - u0) * width,
    height: Math.abs(v1 - v0) * height,
    color: rgb(1, 0.87, 0.2),
    opacity: 0.45,
    blendMode: BlendMode.Multiply
  })
}

/** From the top left of the displayed page to the bottom left of the page before it is turned, by the angle. */
const placeOn: Readonly<Record<number, (across: number, down: number) => readonly [number, number]>> = {
  0: (across, down) => [across, 1 - down],
  90: (across, down) => [down, across],
  180: (across, down) => [1 - across, down],
  270: (across, down) => [1 - down, 1 - across]
}
