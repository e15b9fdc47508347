/** A picture in shades of gray, a byte for each pixel, row by row. */
export interface Gray {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** From red, green, blue and opacity. */
export const toGray = (width: number, height: number, rgba: Uint8ClampedArray): Gray => {
  const pixels = new Uint8Array(width * height)
  for (let at = 0, from = 0; at < pixels.length; at++, from += 4) {
    pixels[at] = (77 * rgba[from]! + 150 * rgba[from + 1]! + 29 * rgba[from + 2]!) >> 8
  }
  return { width, height, pixels }
}

/** A quarter clockwise. */
export const turned = ({ height, pixels, width }: Gray): Gray => {
  const out = new Uint8Array(pixels.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[x * height + (height - 1 - y)] = pixels[y * width + x]!
  }
  return { width: height, height: width, pixels: out }
}

/** Fewer pixels than this share stand out from the paper of a page with nothing on it: a full stop at 300 dpi has a hundred of millions. */
const blankShare = 5e-6

/** Whether nothing is on it but its colour. */
export const isBlank = ({ pixels }: Gray): boolean => {
  const shades = new Uint32Array(256)
  for (const shade of pixels) shades[shade]!++
  const paper = shades.indexOf(Math.max(...shades))
  const other = shades.reduce((sum, count, shade) => Math.abs(shade - paper) > 40 ? sum + count : sum, 0)
  return other <= blankShare * pixels.length
}

/** As a file that Tesseract reads without unpacking. */
export const toPgm = ({ height, pixels, width }: Gray): Uint8Array => {
  const head = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`)
  const file = new Uint8Array(head.length + pixels.length)
  file.set(head)
  file.set(pixels, head.length)
  return file
}
