import { DateTime } from "effect"
import { PDFDocument } from "pdf-lib"
import { type Chapter, parseChapter } from "./markdown.ts"
import { embedFonts, Sheet } from "./Sheet.ts"

const title = "Lark 60 Robotic Observatory"
const subtitle = "Operating and service manual"
const edition = DateTime.toDate(DateTime.makeUnsafe("2026-09-01T00:00:00Z"))

/** Title page and contents come before the first chapter. */
const frontPages = 3

/**
 * Sets the sample manual: a title page, two pages of contents, then one page for each section. The same chapters always give
 * the same bytes, so that a second demo finds it ingested already.
 */
export const makeManual = async (markdown: ReadonlyArray<string>): Promise<Uint8Array> => {
  const chapters = markdown.map(parseChapter)
  const document = await PDFDocument.create({ updateMetadata: false })
  document.setTitle(`${title}: ${subtitle}`)
  document.setAuthor("Fellmark Instruments")
  document.setCreationDate(edition)
  document.setModificationDate(edition)
  const fonts = await embedFonts(document)

  const cover = new Sheet(document, fonts)
  cover.space(180)
  cover.heading(title, 30)
  cover.heading(subtitle, 18)
  cover.space(24)
  cover.block({ kind: "paragraph", text: "Edition 4, September 2026, for controllers of version 7 and later." })
  cover.block({ kind: "paragraph", text: "Keep this manual in the cabinet door." })

  contents(chapters.slice(0, 7), 0, frontPages, new Sheet(document, fonts))
  const before = chapters.slice(0, 7).reduce((sum, chapter) => sum + chapter.sections.length, 0)
  contents(chapters.slice(7), 7, frontPages + before, new Sheet(document, fonts))

  for (const [at, chapter] of chapters.entries()) {
    for (const [index, section] of chapter.sections.entries()) {
      const sheet = new Sheet(document, fonts)
      sheet.frame(title, `${at + 1}  ${chapter.title}`, document.getPageCount())
      if (index === 0) sheet.heading(`${at + 1}  ${chapter.title}`, 22)
      sheet.heading(`${at + 1}.${index + 1}  ${section.title}`, 15)
      for (const block of section.blocks) sheet.block(block)
    }
  }
  return document.save()
}

const contents = (chapters: ReadonlyArray<Chapter>, from: number, firstPage: number, sheet: Sheet): void => {
  sheet.heading(from === 0 ? "Contents" : "Contents, continued", 20)
  let page = firstPage
  for (const [at, chapter] of chapters.entries()) {
    sheet.entry(`${from + at + 1}  ${chapter.title}`, page + 1, 0)
    for (const [index, section] of chapter.sections.entries()) {
      page += 1
      sheet.entry(`${from + at + 1}.${index + 1}  ${section.title}`, page, 18)
    }
  }
}
