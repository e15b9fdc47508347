import { constants, crc32, deflateSync } from "node:zlib"

/** A picture as the library decodes it: rows from the top, without gaps but for the last bits of a row of `bits`. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** One bit a pixel (set: white), three bytes or four. */
  readonly kind: "bits" | "rgb" | "rgba"
  readonly data: Uint8Array | Uint8ClampedArray
}

/** Pictures of more pixels are made smaller by a whole factor. */
export const maxPngPixels = 1_500_000

const channelsOf = { bits: 1, rgb: 3, rgba: 4 } as const
/** Of PNG: greyscale, red green blue, and the same with alpha. */
const colourTypes = { bits: 0, rgb: 2, rgba: 6 } as const

/** A picture as PNG (ISO/IEC 15948), of at most `maxPngPixels`. Null when there are fewer bytes than pixels. */
export const toPng = (pixels: Pixels): Uint8Array | null => {
  const channels = channelsOf[pixels.kind]
  const needed = pixels.kind === "bits"
    ? Math.ceil(pixels.width / 8) * pixels.height
    : pixels.width * pixels.height * channels
  if (pixels.data.length < needed || needed === 0) return null
  const factor = Math.ceil(Math.sqrt(pixels.width * pixels.height / maxPngPixels))
  const width = Math.max(1, Math.floor(pixels.width / factor))
  const height = Math.max(1, Math.floor(pixels.height / factor))
  const stride = width * channels
  const lines = new Uint8Array((stride + 1) * height)
  for (let y = 0; y < height; y++) {
    const begin = y * (stride + 1) + 1
    // Filter 1: each byte as what it is more than that of the pixel to its left. It makes smooth areas small.
    lines[begin - 1] = 1
    if (factor === 1 && pixels.kind !== "bits") lines.set(pixels.data.subarray(y * stride, (y + 1) * stride), begin)
    else fillRow(lines.subarray(begin, begin + stride), pixels, { channels, factor, y })
    for (let at = stride - 1; at >= channels; at--) {
      lines[begin + at] = lines[begin + at]! - lines[begin + at - channels]!
    }
  }
  return file({ width, height, colourType: colourTypes[pixels.kind] }, pack(lines))
}

/** A PNG of rows that are filtered and compressed already, 8 bits a channel. */
export const rowsToPng = (
  rows: Uint8Array,
  { channels, height, width }: { readonly width: number; readonly height: number; readonly channels: 1 | 3 }
): Uint8Array => file({ width, height, colourType: channels === 1 ? colourTypes.bits : colourTypes.rgb }, rows)

const file = (
  { colourType, height, width }: { readonly width: number; readonly height: number; readonly colourType: number },
  rows: Uint8Array
): Uint8Array => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, colourType, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0))
  ])
}

/**
 * Photographs repeat nothing but the same value: to look for more takes three times as long, and makes them no smaller. Drawings do, and
 * are packed well by either, so what is left of them tells which they are.
 */
const pack = (lines: Uint8Array): Uint8Array => {
  const quick = deflateSync(lines, { level: 3, strategy: constants.Z_RLE })
  return quick.length > lines.length / 4 ? quick : deflateSync(lines, { level: 6 })
}

interface Row {
  readonly channels: number
  readonly factor: number
  readonly y: number
}

/** A row of the smaller picture: each value the mean of the square of pixels that it stands for. */
const fillRow = (row: Uint8Array, { data, kind, width }: Pixels, { channels, factor, y }: Row): void => {
  const bytesARow = Math.ceil(width / 8)
  for (let at = 0; at < row.length; at++) {
    const [x, channel] = [Math.floor(at / channels) * factor, at % channels]
    let sum = 0
    for (let line = y * factor; line < (y + 1) * factor; line++) {
      for (let column = x; column < x + factor; column++) {
        sum += kind === "bits"
          ? 255 * (data[line * bytesARow + (column >> 3)]! >> (7 - (column & 7)) & 1)
          : data[(line * width + column) * channels + channel]!
      }
    }
    row[at] = Math.round(sum / (factor * factor))
  }
}

const chunk = (type: string, body: Uint8Array): Buffer => {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)])
}
