import { createHash } from "node:crypto"

// Order in whole numbers below 2^53, which the engine compares exactly and JSON carries exactly: the upper 13 bits are a hash of the
// field, the lower 40 the place of the value. Comparisons come out too wide where the place is rounded, never too narrow.

const placeBits = 40
const places = 2 ** placeBits
const lastPlace = places - 1

const baseOf = (...parts: ReadonlyArray<unknown>): number =>
  (createHash("sha256").update(JSON.stringify(parts)).digest().readUInt16BE(0) >> 3) * places

/** The upper 40 bits of a double, in the order of the numbers. */
const placeOf = (value: number): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value === 0 ? 0 : value)
  const bits = view.getUint32(0) * 256 + view.getUint8(4)
  return bits >= places / 2 ? lastPlace - bits : bits + places / 2
}

export const numberKey = (field: string, value: number): number => baseOf("number", field) + placeOf(value)

/** Bytes of text in one place, and how many places are kept of a text: its first 30 bytes. */
const step = placeBits / 8
const levels = 6

const encoder = new TextEncoder()

const chunk = (bytes: Uint8Array, level: number): number => {
  let place = 0
  for (let i = level * step; i < (level + 1) * step; i++) place = place * 256 + (bytes[i] ?? 0)
  return place
}

interface Level {
  readonly base: number
  readonly place: number
}

/** By code point, as UTF-8 orders bytes: each level belongs to the bytes before it. */
const levelsOf = (field: string, text: string): ReadonlyArray<Level> => {
  const bytes = encoder.encode(text)
  const deepest = Math.min(levels - 1, Math.floor(bytes.length / step))
  return Array.from({ length: deepest + 1 }, (_, level) => ({
    base: baseOf("text", field, Buffer.from(bytes.subarray(0, level * step)).toString("hex")),
    place: chunk(bytes, level)
  }))
}

export const textKeys = (field: string, text: string): ReadonlyArray<number> =>
  levelsOf(field, text).map(({ base, place }) => base + place)

export type Side = "above" | "below"

/** Both ends included. */
export type Interval = readonly [number, number]

/** Intervals that hold a key of every value on that side of the bound, the bound itself included. */
export const intervals = (field: string, side: Side, bound: string | number): ReadonlyArray<Interval> => {
  if (typeof bound === "number") {
    const base = baseOf("number", field)
    return [side === "above" ? [base + placeOf(bound), base + lastPlace] : [base, base + placeOf(bound)]]
  }
  const all = levelsOf(field, bound)
  return all.flatMap(({ base, place }, level): ReadonlyArray<Interval> => {
    // What is equal so far is decided at the next level.
    const own = level === all.length - 1 ? 0 : 1
    const interval: Interval = side === "above" ? [base + place + own, base + lastPlace] : [base, base + place - own]
    return interval[0] <= interval[1] ? [interval] : []
  })
}
