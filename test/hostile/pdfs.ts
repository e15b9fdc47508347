import { streamObject, writePdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { deflateSync } from "node:zlib"

// PDFs that go round in circles, or grow.

const catalog = "<< /Type /Catalog /Pages 2 0 R >>"
const page = (more: string) => `<< /Type /Page /Parent 2 0 R /Resources << >> ${more} >>`

/** A page tree whose branches are itself. */
export const cyclicPages = (): string => writePdf([catalog, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>"])

/** A table of objects that names itself as the one before. */
export const cyclicTables = (): string => {
  const file = writePdf([catalog, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page("/MediaBox [0 0 100 100]")])
  const start = /startxref\s+(\d+)/.exec(file)?.[1] ?? "0"
  return file.replace(/trailer\s*<</, `trailer << /Prev ${start} `)
}

export const giantPage = (): string =>
  writePdf([
    catalog,
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    page("/MediaBox [-1e30 -1e30 1e30 1e30] /UserUnit 1e30")
  ])

/** A million pages that are one. */
export const manyPages = (): string =>
  writePdf([
    catalog,
    `<< /Type /Pages /Kids [${"3 0 R ".repeat(20_000)}] /Count 20000 >>`,
    page("/MediaBox [0 0 100 100]")
  ])

/** Page content of so many megabytes in some kilobytes, packed twice. */
export const inflatingPage = (megabytes: number): Buffer => {
  const packed = deflateSync(deflateSync(Buffer.alloc(megabytes << 20, "0 0 m ")))
  const content = `<< /Length ${packed.length} /Filter [/FlateDecode /FlateDecode] >>\nstream\n${
    packed.toString("latin1")
  }\nendstream`
  return Buffer.from(
    writePdf([
      catalog,
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      page("/MediaBox [0 0 100 100] /Contents 4 0 R"),
      content
    ]),
    "latin1"
  )
}

/** A file of so many megabytes in some kilobytes, attached to a page of words. */
export const inflatingAttachment = (megabytes: number): Buffer => {
  const packed = deflateSync(Buffer.alloc(megabytes << 20))
  const content = "BT /F 10 Tf 20 50 Td (Words beside a file.) Tj ET"
  return Buffer.from(
    writePdf([
      "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a.bin) 5 0 R] >> >> >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F " +
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
      streamObject(content),
      "<< /Type /Filespec /F (a.bin) /EF << /F 6 0 R >> >>",
      `<< /Type /EmbeddedFile /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${
        packed.toString("latin1")
      }\nendstream`
    ]),
    "latin1"
  )
}
