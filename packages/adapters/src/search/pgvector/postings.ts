// A posting is 8 bytes: number of the segment in its dataset (32 bit), frequency of the term in it and length of the segment
// (16 bit each, so both end at 65,535: far above what a segment can have), little-endian.

const width = 8

/** Most postings of a block before the next is begun; with those of one batch on top it stays within a row. */
export const blockSize = 190

const most = 0xffff

export interface Posting {
  readonly no: number
  readonly frequency: number
  readonly length: number
}

export const encodePostings = (postings: ReadonlyArray<Posting>): Uint8Array => {
  const bytes = new Uint8Array(postings.length * width)
  const view = new DataView(bytes.buffer)
  postings.forEach(({ frequency, length, no }, i) => {
    view.setUint32(i * width, no, true)
    view.setUint16(i * width + 4, Math.min(frequency, most), true)
    view.setUint16(i * width + 6, Math.min(length, most), true)
  })
  return bytes
}

/** Columns of decoded postings: `nos[i]` has `frequencies[i]` in a segment of `lengths[i]`. */
export interface Postings {
  readonly size: number
  readonly no: (i: number) => number
  readonly frequency: (i: number) => number
  readonly length: (i: number) => number
}

export const decodePostings = (bytes: Uint8Array): Postings => {
  // A copy, for the driver's views need not be aligned.
  const { buffer } = Uint8Array.from(bytes)
  const nos = new Uint32Array(buffer)
  const halves = new Uint16Array(buffer)
  return {
    size: bytes.length / width,
    no: (i) => nos[2 * i]!,
    frequency: (i) => halves[4 * i + 2]!,
    length: (i) => halves[4 * i + 3]!
  }
}

/** The block without the postings of these segments. */
export const withoutPostings = (bytes: Uint8Array, removed: ReadonlySet<number>): Uint8Array => {
  const postings = decodePostings(bytes)
  const kept = Array.from({ length: postings.size }, (_, i) => i).filter((i) => !removed.has(postings.no(i)))
  const rest = new Uint8Array(kept.length * width)
  kept.forEach((i, place) => rest.set(bytes.subarray(i * width, (i + 1) * width), place * width))
  return rest
}
