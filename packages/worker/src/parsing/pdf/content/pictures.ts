import type { Box, Element } from "@sheaf/domain/documents/Element"
import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import type { StoredPicture } from "../library/storedPicture.ts"
import { altTexts } from "./altTexts.ts"
import type { Matrix } from "./matrix.ts"
import type { Drawn } from "./pageContent.ts"

/** A picture on a page, in fractions of the page as displayed. */
export interface Picture {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
  /** What its author says that it shows; empty where nothing is said. */
  readonly alt: string
  /** A checksum of what is stored of it. */
  readonly print: number
  readonly stored: StoredPicture
}

/** Smaller ones are bullets, rules and ornaments. In points, and in pixels of the file. */
const minSide = 40
const minPixels = 48 * 48
/** Longer and thinner ones are rules and borders. */
const maxAspect = 12
/** What fills the page is a scan of it, or its background. */
export const scanShare = 0.7
const maxPictures = 20

/** The pictures of a page that say something. None of them is decoded for that. */
export const picturesOf = async (
  page: PDFPageProxy,
  drawn: ReadonlyArray<Drawn>,
  { height, width }: { readonly width: number; readonly height: number }
): Promise<ReadonlyArray<Picture>> => {
  const found = drawn.flatMap(({ at, picture }) => {
    const place = placed(at, picture, width, height)
    return place === null ? [] : [{ ...place, stored: picture, print: picture.print() }]
  }).slice(0, maxPictures)
  const alts = await altTexts(page, found.length)
  return found.map((picture, at) => Object.assign(picture, { alt: alts[at] ?? "" }))
}

const placed = (
  at: Matrix,
  pixels: StoredPicture,
  width: number,
  height: number
): Pick<Picture, "x0" | "x1" | "y0" | "y1"> | null => {
  const xs = [at[4], at[4] + at[0], at[4] + at[2], at[4] + at[0] + at[2]]
  const ys = [at[5], at[5] + at[1], at[5] + at[3], at[5] + at[1] + at[3]]
  const [x0, x1] = [Math.max(0, Math.min(...xs)), Math.min(width, Math.max(...xs))]
  const [y0, y1] = [Math.max(0, Math.min(...ys)), Math.min(height, Math.max(...ys))]
  const [w, h] = [x1 - x0, y1 - y0]
  if (!(w >= minSide && h >= minSide) || Math.max(w / h, h / w) > maxAspect) return null
  if (pixels.width * pixels.height < minPixels || w * h > scanShare * width * height) return null
  const round = (value: number): number => Math.round(value * 10_000) / 10_000
  return { x0: round(x0 / width), y0: round(y0 / height), x1: round(x1 / width), y1: round(y1 / height) }
}

/** Whether the same picture stands in the same place: a letterhead, not something that a page shows. */
export const isSamePicture = (a: Picture, b: Picture): boolean =>
  a.print === b.print && a.stored.width === b.stored.width && Math.abs(a.x0 - b.x0) < 0.01 &&
  Math.abs(a.y0 - b.y0) < 0.01

/** The text of a picture of which nothing is said. */
export const unnamed = (page: number): string => `Picture on page ${page}`

/** How far, in heights of the page, a caption may stand from its picture. */
const captionDistance = 0.06

/**
 * Pictures among the elements of their page. One with a caption near it takes the caption's place and its text; another one stands before
 * what is below it, and says what its author does, or no more than which page it is on. Answers which elements stand for which pictures.
 */
export const withPictures = (
  elements: ReadonlyArray<Element>,
  pictures: ReadonlyArray<Picture>,
  page: number
): { readonly elements: ReadonlyArray<Element>; readonly shown: ReadonlyMap<Element, Picture> } => {
  const all = [...elements]
  const shown = new Map<Element, Picture>()
  for (const picture of pictures) {
    const { x0, x1, y0, y1 } = picture
    const box: Box = { page, x0, x1, y0, y1 }
    const at = captionOf(all, box)
    const caption = all[at]
    const image: Element = caption === undefined
      ? { kind: "image", text: picture.alt === "" ? unnamed(page) : picture.alt, boxes: [box] }
      : { kind: "image", text: caption.text, boxes: [box, ...caption.boxes] }
    shown.set(image, picture)
    if (caption === undefined) all.splice(placeOf(all, box), 0, image)
    else all[at] = image
  }
  return { elements: all, shown }
}

const captionOf = (elements: ReadonlyArray<Element>, picture: Box): number => {
  let best = -1
  let nearest = captionDistance
  for (const [at, { boxes, kind }] of elements.entries()) {
    const [box] = boxes
    if (kind !== "caption" || box === undefined || !overlaps(box, picture)) continue
    // Above is as good as below, but where there are both, captions of pictures stand below.
    const distance = box.y0 >= picture.y1 - 0.01 ? box.y0 - picture.y1 : 1.5 * Math.abs(picture.y0 - box.y1)
    if (Math.abs(distance) < nearest) {
      nearest = Math.abs(distance)
      best = at
    }
  }
  return best
}

const overlaps = (a: Box, b: Box): boolean => Math.min(a.x1, b.x1) > Math.max(a.x0, b.x0)

/** A paragraph that goes on to the next page, or comes from the one before, stays at the edge. */
const placeOf = (elements: ReadonlyArray<Element>, picture: Box): number => {
  const below = elements.findIndex(({ boxes: [box] }) =>
    box !== undefined && overlaps(box, picture) && box.y0 >= picture.y1 - 0.01
  )
  const first = elements[0]
  if (below === 0 && first?.kind === "paragraph" && /^\p{Ll}/u.test(first.text)) return 1
  const last = elements.at(-1)
  const unfinished = last?.kind === "paragraph" && !/[.!?:;。！？：]["'”’)\]]?$/.test(last.text)
  return below !== -1 ? below : elements.length - (unfinished ? 1 : 0)
}
