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
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const begin = buffer.indexOf("ffd8ff", 0, "hex")
  if (begin === -1 || width * height > maxJpegPixels) return null
  for (let at = begin + 2; at + 9 < buffer.length && buffer[at] === 0xff;) {
    const marker = buffer[at + 1]!
    if (marker >= 0xc0 && marker <= 0xc2) {
      const [precision, channels] = [buffer[at + 4], buffer[at + 9]]
      const fits = buffer.readUInt16BE(at + 5) === height && buffer.readUInt16BE(at + 7) === width
      return fits && precision === 8 && (channels === 1 || channels === 3) ? bytes.subarray(begin) : null
    }
    // Fill bytes may stand before a marker.
    at += marker === 0xff ? 1 : 2 + buffer.readUInt16BE(at + 2)
  }
  return null
}
