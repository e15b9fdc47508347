import { statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { ParseFailure } from "../Parser.ts"
import { library } from "../pdf/library.ts"

/** Pixels of a picture within a page; what is larger is left out: it would not fit into memory. A sheet of A3 at 400 dpi has 31 million. */
const maxImagePixels = 40_000_000

/** The document drawn last stays open: its pages are asked for one after another. */
let last: { readonly key: string; readonly pdf: PDFDocumentProxy } | null = null

/** A page of a PDF, or the `ParseFailure` that says why there is none. */
export const openPage = async (
  { password, path }: { readonly path: string; readonly password?: string | undefined },
  number: number
): Promise<PDFPageProxy> => {
  const { ino, mtimeMs, size } = statSync(path)
  const key = JSON.stringify([path, ino, size, mtimeMs, password])
  if (last?.key !== key) {
    await last?.pdf.loadingTask.destroy()
    last = null
    last = { key, pdf: await load(path, password) }
  }
  const { pdf } = last
  if (number < 1 || number > pdf.numPages) throw new ParseFailure({ _tag: "NoPages" })
  return pdf.getPage(number).catch((error: unknown) => {
    throw failureOf(error)
  })
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
