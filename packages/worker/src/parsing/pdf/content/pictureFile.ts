import type { StoredPicture } from "../library/storedPicture.ts"
import { jpegFile } from "./jpeg.ts"
import { type Pixels, rowsToPng, toPng } from "./png.ts"

/** Larger pictures are not decoded: with these a process stays below 100 MB. Pages of paper are scanned in more. */
export const maxDecodedPixels = 6_000_000

export interface PictureFile {
  readonly mediaType: "image/jpeg" | "image/png"
  readonly bytes: Uint8Array
}

/**
 * A picture as a file of its own: a JPEG, or the rows of a PNG, as they are stored, without a pixel touched; anything else as PNG. Null
 * where it cannot be decoded, or has more pixels than are. Never fails: whatever is wrong with a picture costs that picture only.
 */
export const pictureFile = (stored: StoredPicture): Promise<PictureFile | null> => made(stored).catch(() => null)

const made = async (stored: StoredPicture): Promise<PictureFile | null> => {
  const packed = stored.packed()
  if (packed?.format === "jpeg") {
    const bytes = jpegFile(packed.bytes, stored)
    if (bytes !== null) return { mediaType: "image/jpeg", bytes }
  }
  if (stored.width * stored.height > maxDecodedPixels) return null
  const bytes = packed?.format === "rows"
    ? rowsToPng(packed.bytes, { ...stored, channels: packed.channels })
    : await decoded(stored)
  return bytes === null ? null : { mediaType: "image/png", bytes }
}

const decoded = async (stored: StoredPicture): Promise<Uint8Array | null> => {
  const pixels = pixelsOf(await stored.decode())
  return pixels === null ? null : toPng(pixels)
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
