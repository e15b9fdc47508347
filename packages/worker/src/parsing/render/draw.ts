import { type Canvas, createCanvas } from "@napi-rs/canvas"
import type { Box } from "@sheaf/domain/documents/Element"
import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { failureOf } from "./openPdf.ts"

/** Longest side of a picture in pixels. */
const maxSide = 16_384

export interface Drawing {
  readonly canvas: Canvas
  /** Pixels an inch that it was drawn with: fewer than asked for where there would have been too many pixels. */
  readonly dpi: number
}

/** Draws a region of a page. A page as large as a house gives no more pixels than any other. */
export const drawRegion = async (
  page: PDFPageProxy,
  box: Box,
  { dpi, maxPixels }: { readonly dpi: number; readonly maxPixels: number }
): Promise<Drawing> => {
  const natural = page.getViewport({ scale: 1 })
  const width = Math.max(0, natural.width * (box.x1 - box.x0))
  const height = Math.max(0, natural.height * (box.y1 - box.y0))
  const scale = Math.min(dpi / 72, Math.sqrt(maxPixels / (width * height)), maxSide / Math.max(width, height))
  const canvas = createCanvas(Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale)))
  const context = canvas.getContext("2d")
  context.fillStyle = "white"
  context.fillRect(0, 0, canvas.width, canvas.height)
  try {
    await page.render({
      // What draws on a page of a browser has the same interface here.
      canvas: canvas as never,
      canvasContext: context as never,
      viewport: page.getViewport({
        scale,
        offsetX: -box.x0 * natural.width * scale,
        offsetY: -box.y0 * natural.height * scale
      }),
      background: "white"
    }).promise
  } catch (error) {
    throw failureOf(error)
  } finally {
    page.cleanup()
  }
  return { canvas, dpi: scale * 72 }
}
