import { Effect } from "effect"
import {
  PDFArray,
  PDFDocument,
  type PDFFont,
  type PDFName,
  PDFNumber,
  PDFOperator,
  PDFOperatorNames as Ops,
  type PDFPage,
  StandardFonts
} from "pdf-lib"
import { cached } from "./cached.ts"
import { noise } from "./noise.ts"
import { makeText } from "./words.ts"

const width = 595
const height = 842
const margin = 72
const size = 11
const leading = 15

/** Lines of a text that fit between the margins. */
const wrap = (text: string, font: PDFFont): Array<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (line !== "" && font.widthOfTextAtSize(longer, size) > width - 2 * margin) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** After these letters the next one moves closer. */
const kerned = /(?<=[AFPTVWYkrvwy])(?=[a-z.,])/

/** A line as typesetters draw it: one array of pieces, with letters kerned and blanks stretched so that both edges are straight. */
const drawJustified = (page: PDFPage, font: PDFFont, key: PDFName, line: string, y: number, last: boolean) => {
  const words = line.split(" ")
  const spare = width - 2 * margin - font.widthOfTextAtSize(line, size)
  const stretch = last || words.length === 1 ? 0 : -(spare / (words.length - 1)) / size * 1_000
  const pieces = PDFArray.withContext(page.doc.context)
  words.forEach((word, index) => {
    const more = index < words.length - 1
    const parts = `${word}${more ? " " : ""}`.split(kerned)
    parts.forEach((part, at) => {
      pieces.push(font.encodeText(part))
      if (at < parts.length - 1) pieces.push(PDFNumber.of(18))
    })
    if (more) pieces.push(PDFNumber.of(stretch))
  })
  page.pushOperators(
    PDFOperator.of(Ops.BeginText),
    PDFOperator.of(Ops.SetFontAndSize, [key, PDFNumber.of(size)]),
    PDFOperator.of(Ops.MoveText, [PDFNumber.of(margin), PDFNumber.of(y)]),
    PDFOperator.of(Ops.ShowTextAdjusted, [pieces]),
    PDFOperator.of(Ops.EndText)
  )
}

interface Shape {
  readonly pages: number
  /** Lines of running text on a page, some 11 words each. */
  readonly lines: number
  /** Edge in pixels of a picture on each page that does not compress (3 bytes a pixel). */
  readonly picture?: number
  readonly seed: number
}

const make = async ({ lines, pages, picture, seed }: Shape): Promise<Uint8Array> => {
  const pdf = await PDFDocument.create()
  const [body, bold] = [await pdf.embedFont(StandardFonts.TimesRoman), await pdf.embedFont(StandardFonts.HelveticaBold)]
  const text = makeText(seed)
  for (let number = 1; number <= pages; number++) {
    const page = pdf.addPage([width, height])
    const key = page.node.newFontDictionary("Body", body.ref)
    let y = height - margin
    if (number % 4 === 1) {
      page.drawText(`${(number + 3) / 4}  ${text.title()}`, { x: margin, y, size: 16, font: bold })
      y -= 2 * leading
    }
    for (let drawn = 0; drawn < lines;) {
      const paragraph = wrap(text.paragraph(5), body).slice(0, lines - drawn)
      paragraph.forEach((line, index) => {
        drawJustified(page, body, key, line, y, index === paragraph.length - 1)
        y -= leading
      })
      drawn += paragraph.length
      y -= leading / 2
    }
    if (picture !== undefined) {
      const image = await pdf.embedPng(noise(picture, text.random))
      page.drawImage(image, { x: margin, y: margin, width: 220, height: 220 })
    }
    page.drawText(`Page ${number} of ${pages}`, { x: width / 2 - 30, y: 36, size: 8, font: body })
  }
  return pdf.save()
}

const file = (name: string, shape: Shape) =>
  cached(`${name}-${Object.values(shape).join("-")}-v1.pdf`, () => make(shape))

/** Text alone, some 500 words a page, as manuals have it. Another seed, other text. */
export const textPdf = (pages: number, seed = pages) => file("text", { pages, lines: 36, seed })

/** One page of text. */
export const onePagePdf = (seed: number) => Effect.promise(() => make({ pages: 1, lines: 36, seed }))

/** 195 pages, each with half a page of text and a picture: 15 MB. */
export const picturePdf = file("pictures", { pages: 195, lines: 22, picture: 160, seed: 195 })
