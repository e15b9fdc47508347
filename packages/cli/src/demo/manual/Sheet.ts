import { type PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from "pdf-lib"
import type { Block } from "./markdown.ts"

const width = 595
const height = 842
const margin = { left: 70, right: 70, top: 92, bottom: 80 }
const measure = width - margin.left - margin.right
const textSize = 12
const smallSize = 10.5
const leading = 1.45

const ink = rgb(0.13, 0.14, 0.17)
const faint = rgb(0.45, 0.47, 0.52)
const shade = rgb(0.95, 0.95, 0.96)

interface Fonts {
  readonly text: PDFFont
  readonly bold: PDFFont
  readonly code: PDFFont
}

export const embedFonts = async (document: PDFDocument): Promise<Fonts> => ({
  text: await document.embedFont(StandardFonts.Helvetica),
  bold: await document.embedFont(StandardFonts.HelveticaBold),
  code: await document.embedFont(StandardFonts.Courier)
})

/** A page of the manual that is filled from top to bottom. */
export class Sheet {
  readonly page: PDFPage
  private y = height - margin.top
  private readonly fonts: Fonts

  constructor(document: PDFDocument, fonts: Fonts) {
    this.page = document.addPage([width, height])
    this.fonts = fonts
  }

  /** The running header and the number at the foot. */
  frame(left: string, right: string, number: number): void {
    const { text } = this.fonts
    this.put(left, margin.left, height - 50, text, 9, faint)
    this.put(right, width - margin.right - text.widthOfTextAtSize(right, 9), height - 50, text, 9, faint)
    this.rule(height - 58)
    const foot = String(number)
    this.put(foot, (width - text.widthOfTextAtSize(foot, 9)) / 2, 42, text, 9, faint)
  }

  heading(words: string, size: number): void {
    for (const line of this.wrap(words, this.fonts.bold, size, measure)) {
      this.y -= size * 1.25
      this.put(line, margin.left, this.y, this.fonts.bold, size, ink)
    }
    this.y -= size * 0.7
  }

  space(points: number): void {
    this.y -= points
  }

  block(block: Block): void {
    switch (block.kind) {
      case "paragraph":
        this.lines(block.text, margin.left, measure)
        break
      case "list":
        for (const [index, item] of block.items.entries()) {
          const mark = block.ordered ? `${index + 1}.` : "\u2022"
          this.put(mark, margin.left + 6, this.y - textSize * leading, this.fonts.text, textSize, ink)
          this.lines(item, margin.left + 24, measure - 24)
        }
        break
      case "code":
        this.code(block.lines)
        break
      case "table":
        this.table(block.rows)
    }
    this.y -= 9
  }

  /** A line of the table of contents. */
  entry(words: string, number: number, indent: number): void {
    const { bold, text } = this.fonts
    const font = indent === 0 ? bold : text
    this.y -= indent === 0 ? 17 : 12.4
    this.put(words, margin.left + indent, this.y, font, 9.5, ink)
    const figure = String(number)
    this.put(figure, width - margin.right - font.widthOfTextAtSize(figure, 9.5), this.y, font, 9.5, ink)
  }

  private lines(words: string, x: number, room: number): void {
    for (const line of this.wrap(words, this.fonts.text, textSize, room)) {
      this.y -= textSize * leading
      this.put(line, x, this.y, this.fonts.text, textSize, ink)
    }
  }

  private code(lines: ReadonlyArray<string>): void {
    const tall = lines.length * 15 + 10
    this.page.drawRectangle({ x: margin.left, y: this.y - tall, width: measure, height: tall, color: shade })
    for (const [index, line] of lines.entries()) {
      this.put(line, margin.left + 10, this.y - 15 - index * 15, this.fonts.code, smallSize, ink)
    }
    this.y -= tall + 4
  }

  /** Columns as wide as their content asks for, in proportion; a heading row and a line below each row. */
  private table(rows: ReadonlyArray<ReadonlyArray<string>>): void {
    const columns = rows[0]!.length
    const wanted = Array.from(
      { length: columns },
      (_, column) =>
        Math.max(...rows.map((row) => this.fonts.text.widthOfTextAtSize(row[column] ?? "", smallSize))) + 16
    )
    const total = wanted.reduce((sum, each) => sum + each, 0)
    const widths = wanted.map((each) => each * Math.min(1.4, measure / total))
    for (const [index, row] of rows.entries()) {
      const font = index === 0 ? this.fonts.bold : this.fonts.text
      const cells = row.map((cell, column) => this.wrap(cell, font, smallSize, widths[column]! - 12))
      const tall = Math.max(...cells.map((lines) => lines.length)) * 14.5 + 7
      let x = margin.left
      for (const [column, lines] of cells.entries()) {
        for (const [at, line] of lines.entries()) this.put(line, x + 4, this.y - 14 - at * 14.5, font, smallSize, ink)
        x += widths[column]!
      }
      this.y -= tall
      this.rule(this.y, margin.left, x)
    }
    this.y -= 4
  }

  private rule(y: number, from = margin.left, to = width - margin.right): void {
    this.page.drawLine({ start: { x: from, y }, end: { x: to, y }, thickness: 0.5, color: faint })
  }

  private put(words: string, x: number, y: number, font: PDFFont, size: number, color: typeof ink): void {
    this.page.drawText(words, { x, y, font, size, color })
  }

  private wrap(words: string, font: PDFFont, size: number, room: number): ReadonlyArray<string> {
    const lines: Array<string> = []
    let line = ""
    for (const word of words.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`
      if (line !== "" && font.widthOfTextAtSize(longer, size) > room) {
        lines.push(line)
        line = word
      } else line = longer
    }
    return [...lines, line]
  }
}
