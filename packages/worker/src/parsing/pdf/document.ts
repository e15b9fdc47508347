import { statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { ParseFailure, type ParseInput } from "../Parser.ts"
import { type DocumentFacts, factsOf } from "./facts.ts"
import { handOver } from "./library/handOver.ts"
import { library, storedPictures } from "./library/library.ts"
import { makePages, type Pages } from "./pages.ts"

export interface OpenPdf {
  readonly pdf: PDFDocumentProxy
  readonly pages: Pages
  /** What is said of the document as a whole; found when first asked for. */
  readonly facts: () => Promise<DocumentFacts>
}

/**
 * A document of which so many pages were read is opened anew: the library keeps what it has made of every object, and memory must not grow
 * with the length of a document.
 */
const pagesAnOpening = 256

/** The document asked for last stays open: ranges of one file come one after another. */
let last: { readonly key: string; readonly open: Promise<OpenPdf>; readonly facts: FactsOfFile } | null = null

/** What is said of a file as a whole, found once, however often it is opened. */
interface FactsOfFile {
  found: Promise<DocumentFacts> | null
}

/** Opens a PDF, or throws the `ParseFailure` that says why it cannot be read. */
export const openPdf = async (input: ParseInput): Promise<OpenPdf> => {
  const { ino, mtimeMs, size } = statSync(input.path)
  const key = JSON.stringify([input.path, ino, size, mtimeMs, input.password])
  const known = last?.key === key ? await last.open.catch(() => null) : null
  if (known !== null && known.pages.read() < pagesAnOpening) return known
  const before = last
  last = null
  await before?.open.then(({ pdf }) => pdf.loadingTask.destroy(), () => undefined)
  const facts = before?.key === key ? before.facts : { found: null }
  const open = load(input, facts)
  last = { key, open, facts }
  open.catch(() => {
    if (last?.open === open) last = null
  })
  return open
}

const load = async (input: ParseInput, known: FactsOfFile): Promise<OpenPdf> => {
  const { getDocument } = await library()
  Object.assign(globalThis, { FontFace: NoFontFace, structuredClone: handOver })
  const data = await readFile(input.path)
  const task = getDocument({
    ...resources(),
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ...(input.password === undefined ? {} : { password: input.password }),
    verbosity: 0,
    useSystemFonts: false,
    // Nothing is drawn, so fonts need not be made: a document that takes them, and does nothing, spares the outlines of every glyph.
    disableFontFace: false,
    ownerDocument: noDocument,
    maxImageSize: storedPictures,
    // Fonts tell their names, and so their weight.
    fontExtraProperties: true,
    stopAtErrors: false
  })
  const pdf = await task.promise.catch((error: unknown) => {
    throw failureOf(error)
  })
  if (pdf.numPages === 0) throw new ParseFailure({ _tag: "NoPages" })
  const pages = makePages(pdf)
  const facts = () => known.found ??= factsOf(pdf, pages)
  return { pdf, pages, facts }
}

/** What stands for a browser's document where the library hands over fonts for drawing. */
const noDocument = { fonts: { add: () => {}, delete: () => {} } } as unknown as HTMLDocument

class NoFontFace {
  readonly loaded = Promise.resolve()
}

const failureOf = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  if (error.name === "PasswordException") {
    return new ParseFailure({ _tag: "Encrypted", wrongPassword: "code" in error && error.code === 2 })
  }
  const detail = error.message.replace(/\s+/g, " ").slice(0, 200)
  if (/encryption (?:method|algorithm)|unsupported encryption/i.test(detail)) {
    return new ParseFailure({ _tag: "Encrypted", wrongPassword: false })
  }
  if (/no pages|page count|zero pages/i.test(detail)) return new ParseFailure({ _tag: "NoPages" })
  // The library's own errors speak of the file, and so do those that a damaged file drives it into.
  return new ParseFailure({ _tag: "Corrupt", detail })
}

const resources = () => {
  const root = `${dirname(fileURLToPath(import.meta.resolve("pdfjs-dist/package.json")))}/`
  return {
    standardFontDataUrl: `${root}standard_fonts/`,
    cMapUrl: `${root}cmaps/`,
    cMapPacked: true,
    wasmUrl: `${root}wasm/`,
    iccUrl: `${root}iccs/`
  }
}
