import { createCanvas, GlobalFonts } from "@napi-rs/canvas"
import { fileURLToPath } from "node:url"
import { PDFDocument } from "pdf-lib"

// For tests: scans of our own, pictures of words without a word of text.

const font = fileURLToPath(import.meta.resolve("pdfjs-dist/standard_fonts/LiberationSans-Regular.ttf"))

/** Points of a page: small, because time goes with the pixels. */
export const scanSize = { width: 300, height: 160 } as const

/**
 * One page for each list of lines; `quarters` turns all of them clockwise. No lines: nothing on the page. What is no list is written on a
 * page as text.
 */
export const scanPdf = async (
  pages: ReadonlyArray<ReadonlyArray<string> | string>,
  quarters: 0 | 1 | 2 | 3 = 0
): Promise<Uint8Array> => {
  GlobalFonts.registerFromPath(font, "Scanned")
  const scale = 3
  const document = await PDFDocument.create()
  for (const lines of pages) {
    if (typeof lines === "string") {
      document.addPage([scanSize.width, scanSize.height]).drawText(lines, { x: 20, y: 100, size: 12 })
      continue
    }
    const [width, height] = [scanSize.width * scale, scanSize.height * scale]
    const canvas = quarters % 2 === 0 ? createCanvas(width, height) : createCanvas(height, width)
    const pen = canvas.getContext("2d")
    pen.fillStyle = "white"
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.translate(canvas.width / 2, canvas.height / 2)
    pen.rotate(quarters * Math.PI / 2)
    pen.translate(-width / 2, -height / 2)
    pen.fillStyle = "black"
    pen.font = `${14 * scale}px Scanned`
    lines.forEach((line, at) => pen.fillText(line, 20 * scale, (40 + 24 * at) * scale))
    const picture = await document.embedPng(await canvas.encode("png"))
    const page = document.addPage([canvas.width / scale, canvas.height / scale])
    page.drawImage(picture, { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() })
  }
  return document.save()
}
