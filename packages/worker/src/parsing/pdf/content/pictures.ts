import type { Box, Element } from "@sheaf/domain/documents/Element"
import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import { crc32 } from "node:zlib"
import { altTexts } from "./altTexts.ts"
import { undecoded } from "../library/library.ts"
import type { Drawn } from "./pageContent.ts"
import { type Pixels, toPng } from "./png.ts"

/** A picture on a page, in fractions of the page as displayed. */
export interface Picture {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
  /** In pixels. */
  readonly width: number
  readonly height: number
  /** What its author says that it shows; empty where nothing is said. */
  alt: string
  /** A checksum of its pixels. */
  readonly print: number
  /** It has more pixels than are decoded. */
  readonly tooLarge: boolean
  /** Null where nobody has asked for it, or when it has been handed out. */
  png: Uint8Array | null
}

/** Smaller ones are bullets, rules and ornaments. In points, and in pixels of the file. */
const minSide = 40
const minPixels = 48 * 48
/** Longer and thinner ones are rules and borders. */
const maxAspect = 12
/** What fills the page is a scan of it, or its background. */
const scanShare = 0.7
const maxPictures = 20
/** Bytes of one page's pictures together. */
const maxBytes = 6 * 1_024 * 1_024

/** The pictures of a page that say something, and with `bytes` what is in them. Never fails: a damaged picture is left out. */
export const picturesOf = async (
  page: PDFPageProxy,
  drawn: ReadonlyArray<Drawn>,
  { bytes, height, width }: { readonly bytes: boolean; readonly width: number; readonly height: number }
): Promise<ReadonlyArray<Picture>> => {
  const found: Array<Picture> = []
  let left = maxBytes
  for (const one of drawn) {
    const place = placed(one, width, height)
    // Decoded it is in any case, some time after the operators: those of many pages at once would fill the memory.
    const value = one.picture === undecoded ? null : await decoded(page, one.picture)
    if (place === null || found.length === maxPictures) continue
    if (one.picture === undecoded) {
      found.push({ ...place, alt: "", print: 0, tooLarge: true, png: null })
      continue
    }
    const pixels = pixelsOf(value)
    if (pixels === null) continue
    const made = bytes && left > 0 ? toPng(pixels) : null
    // One that is too large stays without bytes: which pictures there are must not depend on who asks.
    const png = made !== null && made.length <= left ? made : null
    left -= png?.length ?? 0
    const picture: Picture = { ...place, alt: "", print: crc32(pixels.data), tooLarge: false, png }
    found.push(picture)
  }
  const alts = await altTexts(page, found.length)
  for (const [at, picture] of found.entries()) picture.alt = alts[at] ?? ""
  return found
}

const placed = (
  { at, pixels }: Drawn,
  width: number,
  height: number
): Omit<Picture, "alt" | "png" | "print" | "tooLarge"> | null => {
  const xs = [at[4], at[4] + at[0], at[4] + at[2], at[4] + at[0] + at[2]]
  const ys = [at[5], at[5] + at[1], at[5] + at[3], at[5] + at[1] + at[3]]
  const [x0, x1] = [Math.max(0, Math.min(...xs)), Math.min(width, Math.max(...xs))]
  const [y0, y1] = [Math.max(0, Math.min(...ys)), Math.min(height, Math.max(...ys))]
  const [w, h] = [x1 - x0, y1 - y0]
  if (!(w >= minSide && h >= minSide) || Math.max(w / h, h / w) > maxAspect) return null
  if (pixels.width * pixels.height < minPixels || w * h > scanShare * width * height) return null
  const round = (value: number): number => Math.round(value * 10_000) / 10_000
  return {
    x0: round(x0 / width),
    y0: round(y0 / height),
    x1: round(x1 / width),
    y1: round(y1 / height),
    ...pixels
  }
}

/** What the library has made of a picture; it comes a little later than the operators that draw it. */
const decoded = (page: PDFPageProxy, picture: string | object): Promise<unknown> | object => {
  if (typeof picture !== "string") return picture
  const store = picture.startsWith("g_") || !picture.startsWith("img_") ? page.commonObjs : page.objs
  return new Promise((resolve) => void store.get(picture, resolve))
}

const kinds: Readonly<Record<number, Pixels["kind"]>> = { 1: "bits", 2: "rgb", 3: "rgba" }

const pixelsOf = (value: unknown): Pixels | null => {
  if (typeof value !== "object" || value === null) return null
  const { data, height, kind, width } = value as Partial<Record<string, unknown>>
  const known = typeof kind === "number" ? kinds[kind] : undefined
  const isData = data instanceof Uint8Array || data instanceof Uint8ClampedArray
  return known !== undefined && isData && typeof width === "number" && typeof height === "number"
    ? { width, height, kind: known, data }
    : null
}

/** Whether the same picture stands in the same place: a letterhead, not something that a page shows. */
export const isSamePicture = (a: Picture, b: Picture): boolean =>
  a.print === b.print && a.width === b.width && Math.abs(a.x0 - b.x0) < 0.01 && Math.abs(a.y0 - b.y0) < 0.01

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
      ? { kind: "image", text: picture.alt === "" ? `Picture on page ${page}` : picture.alt, boxes: [box] }
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
