import { statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { ParseFailure } from "../Parser.ts"
import { library } from "../pdf/library/library.ts"
import { labelReader, type PageLabels } from "../pdf/pageLabels.ts"

/** Pixels of a picture within a page; what is larger is left out: it would not fit into memory. A sheet of A3 at 400 dpi has 31 million. */
const maxImagePixels = 40_000_000

interface Open {
  readonly pdf: PDFDocumentProxy
  readonly labels: () => Promise<PageLabels>
}

/** The document drawn last stays open: its pages are asked for one after another. */
let last: Open & { readonly key: string } | null = null

interface OpenPage {
  readonly page: PDFPageProxy
  /** What the document's pages are called, where that is not their number. */
  readonly labels: () => Promise<PageLabels>
}

/** A page of a PDF, or the `ParseFailure` that says why there is none. */
export const openPage = async (
  { password, path }: { readonly path: string; readonly password?: string | undefined },
  number: number
): Promise<OpenPage> => {
  const { ino, mtimeMs, size } = statSync(path)
  const key = JSON.stringify([path, ino, size, mtimeMs, password])
  if (last?.key !== key) {
    await last?.pdf.loadingTask.destroy()
    last = null
    const pdf = await load(path, password)
    last = { key, pdf, labels: labelReader(pdf) }
  }
  const { labels, pdf } = last
  if (number < 1 || number > pdf.numPages) throw new ParseFailure({ _tag: "NoPages" })
  const page = await pdf.getPage(number).catch((error: unknown) => {
    throw failureOf(error)
  })
  return { page, labels }
}

const root = `${dirname(fileURLToPath(import.meta.resolve("pdfjs-dist/package.json")))}/`

const load = async (path: string, password: string | undefined): Promise<PDFDocumentProxy> => {
  const { getDocument } = await library()
  const data = await readFile(path)
  const task = getDocument({
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ...(password !== undefined && { password }),
    standardFontDataUrl: `${root}standard_fonts/`,
    cMapUrl: `${root}cmaps/`,
    cMapPacked: true,
    wasmUrl: `${root}wasm/`,
    iccUrl: `${root}iccs/`,
    verbosity: 0,
    useSystemFonts: false,
    maxImageSize: maxImagePixels
  })
  return task.promise.catch((error: unknown) => {
    throw failureOf(error)
  })
}

/** What the library throws over a file that it cannot read. */
export const failureOf = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  if (error.name === "PasswordException") {
    return new ParseFailure({ _tag: "Encrypted", wrongPassword: "code" in error && error.code === 2 })
  }
  return new ParseFailure({ _tag: "Corrupt", detail: error.message.replace(/\s+/g, " ").slice(0, 200) })
}
