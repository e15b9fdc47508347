/** Pixels of a JPEG that is handed on as it is: whoever looks at it decodes as many. */
const maxJpegPixels = 64_000_000

interface Frame {
  readonly width: number
  readonly height: number
}

/**
 * A JPEG (ITU-T T.81) from its first marker on, if it is one that browsers show: 8 bits, grey or three colours, of the size that is said.
 * Null otherwise.
 */
export const jpegFile = (bytes: Uint8Array, { height, width }: Frame): Uint8Array | null => {
  const begin = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf("ffd8ff", 0, "hex")
  if (begin === -1 || width * height > maxJpegPixels) return null
  for (let at = begin + 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!
    if (marker >= 0xc0 && marker <= 0xc2) {
      const [precision, high1, high0, wide1, wide0, components] = bytes.subarray(at + 4, at + 10)
      const fits = 256 * high1! + high0! === height && 256 * wide1! + wide0! === width
      return fits && precision === 8 && (components === 1 || components === 3) ? bytes.subarray(begin) : null
    }
    // Fill bytes may stand before a marker.
    at += marker === 0xff ? 1 : 2 + 256 * bytes[at + 2]! + bytes[at + 3]!
  }
  return null
}
