// A posting is 4 bytes: the low half of the segment's number (16 bit, little-endian; the high half is that of the block), the term's
// frequency in it (8 bit) and its length, rounded (8 bit). What is read of candidates has the exact length; this one only finds them.

const width = 4

/** Most postings of a block, which stays within its row so; a batch (`batchSize`) has fewer of one term. */
export const blockSize = 460

/** Frequencies end here, where BM25 has long been saturated. */
const mostFrequent = 255

/** A length as one of 256 steps of 4.4 %. */
const lengthStep = (length: number): number => Math.min(255, Math.round(16 * Math.log2(1 + length)))
const stepLengths = Float64Array.from({ length: 256 }, (_, step) => 2 ** (step / 16) - 1)

export interface Posting {
  readonly no: number
  readonly frequency: number
  readonly length: number
}

/** Numbers with the same upper half can share a block. */
export const upperHalf = (no: number): number => no >>> 16

export const encodePostings = (postings: ReadonlyArray<Posting>): Uint8Array => {
  const bytes = new Uint8Array(postings.length * width)
  let at = 0
  for (const { frequency, length, no } of postings) {
    bytes[at++] = no & 0xff
    bytes[at++] = (no >>> 8) & 0xff
    bytes[at++] = Math.min(frequency, mostFrequent)
    bytes[at++] = lengthStep(length)
  }
  return bytes
}

/** Columns: segment `nos[i]` has the term `frequencies[i]` times and is `lengths[i]` long. */
export interface Postings {
  readonly nos: Uint32Array
  readonly frequencies: Uint8Array
  readonly lengths: Float64Array
}

/** `first` is any number in the block. */
export const decodePostings = (bytes: Uint8Array, first: number): Postings => {
  const size = bytes.length / width
  const base = upperHalf(first) * 0x10000
  const nos = new Uint32Array(size)
  const frequencies = new Uint8Array(size)
  const lengths = new Float64Array(size)
  for (let i = 0, at = 0; i < size; i++, at += width) {
    nos[i] = base + bytes[at]! + 256 * bytes[at + 1]!
    frequencies[i] = bytes[at + 2]!
    lengths[i] = stepLengths[bytes[at + 3]!]!
  }
  return { nos, frequencies, lengths }
}

/** The block without the postings of these segments. */
export const withoutPostings = (bytes: Uint8Array, first: number, removed: ReadonlySet<number>): Uint8Array => {
  const { nos } = decodePostings(bytes, first)
  const kept = [...nos.keys()].filter((i) => !removed.has(nos[i]!))
  const rest = new Uint8Array(kept.length * width)
  kept.forEach((i, place) => rest.set(bytes.subarray(i * width, (i + 1) * width), place * width))
  return rest
}
