import { createCanvas } from "@napi-rs/canvas"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs"
import { PdfFailure } from "./PdfFailure.ts"

/** The first page as WebP. A page that is much higher than wide is cut off at four times its width. */
export const renderPage = async (bytes: Uint8Array, width: number): Promise<Uint8Array> => {
  const pdf = await open(bytes)
  const page = await pdf.getPage(1)
  const natural = page.getViewport({ scale: 1 })
  const viewport = page.getViewport({ scale: width / natural.width })
  const canvas = createCanvas(width, Math.max(1, Math.min(Math.round(viewport.height), 4 * width)))
  const context = canvas.getContext("2d")
  context.fillStyle = "white"
  context.fillRect(0, 0, canvas.width, canvas.height)
  await page.render({
    // What draws on a page of a browser has the same interface here.
    canvas: canvas as never,
    canvasContext: context as never,
    viewport,
    background: "white"
  }).promise
  return canvas.encode("webp", 80)
}

const root = `${dirname(fileURLToPath(import.meta.resolve("pdfjs-dist/package.json")))}/`

const open = async (bytes: Uint8Array) => {
  try {
    return await getDocument({
      data: bytes,
      standardFontDataUrl: `${root}standard_fonts/`,
      cMapUrl: `${root}cmaps/`,
      cMapPacked: true,
      wasmUrl: `${root}wasm/`,
      iccUrl: `${root}iccs/`,
      verbosity: 0,
      useSystemFonts: false,
      // A picture of more pixels than this is left out of so small a page.
      maxImageSize: 64_000_000
    }).promise
  } catch (error) {
    if (error instanceof Error && error.name === "PasswordException") {
      throw new PdfFailure({ _tag: "Encrypted", wrongPassword: false })
    }
    throw error
  }
}
