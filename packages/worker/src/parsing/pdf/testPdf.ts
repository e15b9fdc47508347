import { degrees, PDFDocument, type PDFFont, type PDFPage, StandardFonts } from "pdf-lib"

// For tests: PDFs of our own, drawn line by line or written object by object.

export interface Pen {
  readonly page: PDFPage
  /** Sets a line at `y` points from the top. */
  readonly line: (
    text: string,
    y: number,
    options?: { x?: number; size?: number; font?: "body" | "bold" | "mono" }
  ) => void
  /** Lines of body text from `y` downwards, 14 points each. */
  readonly lines: (texts: ReadonlyArray<string>, y: number, x?: number) => void
  /** A PNG, with its upper left corner `y` points from the top. */
  readonly picture: (png: Uint8Array, place: { x: number; y: number; width: number; height: number }) => void
  /** Of body text of 10 points. */
  readonly widthOf: (text: string) => number
  readonly rule: (from: readonly [x: number, y: number], to: readonly [x: number, y: number]) => void
}

/** A4 pages, drawn one by one. */
export const drawPdf = async (
  pages: ReadonlyArray<(pen: Pen, number: number) => void>,
  finish: (document: PDFDocument) => void = () => {}
): Promise<Uint8Array> => {
  const document = await PDFDocument.create()
  const fonts: Record<"body" | "bold" | "mono", PDFFont> = {
    body: await document.embedFont(StandardFonts.Helvetica),
    bold: await document.embedFont(StandardFonts.HelveticaBold),
    mono: await document.embedFont(StandardFonts.Courier)
  }
  const embedding: Array<Promise<void>> = []
  for (const [at, draw] of pages.entries()) {
    const page = document.addPage([600, 800])
    const line: Pen["line"] = (text, y, { font = "body", size = 10, x = 60 } = {}) =>
      page.drawText(text, { x, y: 800 - y, size, font: fonts[font] })
    draw(
      {
        page,
        line,
        lines: (texts, y, x = 60) => texts.forEach((text, at) => line(text, y + 14 * at, { x })),
        picture: (png, { height, width, x, y }) =>
          void embedding.push(
            document.embedPng(png).then((image) => page.drawImage(image, { x, y: 800 - y - height, width, height }))
          ),
        widthOf: (text) => fonts.body.widthOfTextAtSize(text, 10),
        rule: ([x0, y0], [x1, y1]) => page.drawLine({ start: { x: x0, y: 800 - y0 }, end: { x: x1, y: 800 - y1 } })
      },
      at + 1
    )
  }
  await Promise.all(embedding)
  finish(document)
  return document.save({ useObjectStreams: false })
}

export const turn = (page: PDFPage, angle: number): void => page.setRotation(degrees(angle))

/** A PDF from the bodies of its objects; the first one is the catalog. */
export const writePdf = (objects: ReadonlyArray<string>): string => {
  let file = "%PDF-1.7\n"
  const offsets = objects.map((body, at) => {
    const offset = file.length
    file += `${at + 1} 0 obj\n${body}\nendobj\n`
    return offset
  })
  const xref = file.length
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("")
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${
    objects.length + 1
  } /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`
}

export const streamObject = (content: string): string =>
  `<< /Length ${content.length} >>\nstream\n${content}\nendstream`

/** One page whose text is in a font that is not embedded, as East Asian files often have it. */
export const cjkPdf = (encoding: string, content: string): string =>
  writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    streamObject(content),
    `<< /Type /Font /Subtype /Type0 /BaseFont /Gothic /Encoding /${encoding} /DescendantFonts [6 0 R] >>`,
    "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Gothic /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor 7 0 R /DW 1000 >>",
    "<< /Type /FontDescriptor /FontName /Gothic /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
  ])

/** A string as the operand of a text operator, two bytes a character. */
export const hex = (text: string): string =>
  `<${Array.from(text, (letter) => letter.codePointAt(0)!.toString(16).padStart(4, "0")).join("")}>`

/** One page in a font whose glyphs are numbered by the letters' code points: for scripts without a standard font. */
export const scriptPdf = (content: string): string =>
  writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    streamObject(content),
    "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 8 0 R >>",
    "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 7 0 R /DW 500 >>",
    "<< /Type /FontDescriptor /FontName /Any /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>",
    streamObject(
      "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange " +
        "1 beginbfrange <0000> <ffff> <0000> endbfrange endcmap end"
    )
  ])
