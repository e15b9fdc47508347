import { statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { ParseFailure, type ParseInput } from "../Parser.ts"
import { type DocumentFacts, factsOf } from "./facts.ts"
import { makePages, type Pages, type PdfPage } from "./pages.ts"

export interface OpenPdf {
  readonly pdf: PDFDocumentProxy
  readonly pages: Pages
  /** What is said of the document as a whole; found when first asked for. */
  readonly facts: () => Promise<DocumentFacts>
  /** Whether the fonts of a page are bold; typewriter fonts count as not. */
  readonly weights: (page: PdfPage) => Promise<ReadonlyMap<string, boolean>>
}

/** The document asked for last stays open: ranges of one file come one after another. */
let last: { readonly key: string; readonly open: Promise<OpenPdf> } | null = null

/** Opens a PDF, or throws the `ParseFailure` that says why it cannot be read. */
export const openPdf = async (input: ParseInput): Promise<OpenPdf> => {
  const { ino, mtimeMs, size } = statSync(input.path)
  const key = JSON.stringify([input.path, ino, size, mtimeMs, input.password])
  if (last?.key === key) return last.open
  const before = last
  last = null
  await before?.open.then(({ pdf }) => pdf.loadingTask.destroy(), () => undefined)
  const open = load(input)
  last = { key, open }
  open.catch(() => {
    if (last?.open === open) last = null
  })
  return open
}

const load = async (input: ParseInput): Promise<OpenPdf> => {
  // Loaded when the first PDF comes: other formats need not wait for it.
  const { getDocument } = await import("pdfjs-dist/legacy/build/pdf.mjs")
  const data = await readFile(input.path)
  const task = getDocument({
    ...resources(),
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ...(input.password === undefined ? {} : { password: input.password }),
    verbosity: 0,
    useSystemFonts: false,
    disableFontFace: true,
    // Text alone is wanted: pictures are left alone, and fonts tell their weight.
    maxImageSize: 1,
    fontExtraProperties: true,
    stopAtErrors: false
  })
  const pdf = await task.promise.catch((error: unknown) => {
    throw failureOf(error)
  })
  if (pdf.numPages === 0) throw new ParseFailure({ _tag: "NoPages" })
  const pages = makePages(pdf)
  let found: Promise<DocumentFacts> | null = null
  const facts = () => found ??= factsOf(pdf, pages)
  const known = new Map<string, boolean>()
  const weights = async (page: PdfPage) => {
    // All fonts of the page or none: what is known must not depend on the pages that were read before.
    const runs = page.groups.flatMap(({ segments }) => segments.flatMap((segment) => segment.runs))
    const fonts = new Set(runs.filter(({ mono }) => !mono).map(({ font }) => font))
    if ([...fonts].some((font) => !known.has(font))) {
      // Without weights a page is still readable: only some of its titles are taken for text.
      const added = await pages.weights(page.page).catch(() => new Map<string, boolean>())
      for (const font of fonts) known.set(font, known.get(font) ?? added.get(font) ?? false)
    }
    return known
  }
  return { pdf, pages, facts, weights }
}

const failureOf = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  if (error.name === "PasswordException") {
    return new ParseFailure({ _tag: "Encrypted", wrongPassword: "code" in error && error.code === 2 })
  }
  const detail = error.message.replace(/\s+/g, " ").slice(0, 200)
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
