/** Pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/**
 * How large a picture is, as its first bytes say: PNG (W3C PNG 3, 11.2.1), GIF (GIF89a, 18), JPEG (ITU-T T.81, B.2.2), BMP and WebP
 * (RFC 9649). `null` for what is none of these, and for one that is broken.
 */
export const pictureSize = (bytes: Uint8Array): PictureSize | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const starts = (text: string, at = 0) => bytes.length >= at + text.length && latin(bytes, at, text.length) === text
  const size = starts("\x89PNG\r\n\x1a\n") && bytes.length >= 24
    ? { width: view.getUint32(16), height: view.getUint32(20) }
    : starts("GIF8") && bytes.length >= 10
    ? { width: view.getUint16(6, true), height: view.getUint16(8, true) }
    : starts("BM") && bytes.length >= 26
    ? { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) }
    : starts("RIFF") && starts("WEBP", 8) && bytes.length >= 30
    ? ofWebp(bytes, view)
    : starts("\xff\xd8")
    ? ofJpeg(view)
    : null
  return size !== null && isSize(size.width) && isSize(size.height) ? size : null
}

/** What a column of the database holds, and no picture is larger than. */
const isSize = (pixels: number): boolean => pixels > 0 && pixels < 2 ** 31

const latin = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length))

const ofWebp = (bytes: Uint8Array, view: DataView): PictureSize | null => {
  const low = 0x3fff
  switch (latin(bytes, 12, 4)) {
    case "VP8 ":
      return { width: view.getUint16(26, true) & low, height: view.getUint16(28, true) & low }
    case "VP8L": {
      const bits = view.getUint32(21, true)
      return { width: (bits & low) + 1, height: ((bits >>> 14) & low) + 1 }
    }
    case "VP8X":
      return { width: (view.getUint32(24, true) & 0xff_ffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 }
    default:
      return null
  }
}

/** The segments before the picture are stepped over until the one that begins a frame. */
const ofJpeg = (view: DataView): PictureSize | null => {
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    // Bytes between segments may be filled up.
    if (marker === 0xff) {
      at++
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    if (marker === 0xd9 || marker === 0xda) return null
    at += 2 + view.getUint16(at + 2)
  }
  return null
}
