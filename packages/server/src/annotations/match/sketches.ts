import { Effect } from "effect"

// What a process remembers of an app's vectors: the sign of every number, and for models of ordinary size the number itself in eight bits.
// Signs find those that may be near, the numbers put them in order, and exact vectors from the database have the last word.

/** Rows looked at without a pause: a fraction of a millisecond to a few, so that the process serves others meanwhile. */
const slice = 16_384

/** Contenders by sign alone. */
const coarse = 512

/** Longer vectors are remembered by their signs alone: the memory of an app stays bounded. */
const longest = 1_024

/** Bits that are set in 16. */
const bitsOf = Uint8Array.from({ length: 65_536 }, (_, value) => {
  let bits = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) bits++
  return bits
})

const pause = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Vectors of one dimension by name, in memory, in a fraction of their size. Not for two at a time: whoever uses it waits for the other. */
export const makeSketches = <Id extends string>(dimension: number) => {
  const words = Math.ceil(dimension / 32)
  const numbers = dimension <= longest ? dimension : 0
  let capacity = 256
  let signs = new Uint32Array(capacity * words)
  let codes = new Int8Array(capacity * numbers)
  let scales = new Float32Array(capacity)
  const ids: Array<Id> = []
  const slots = new Map<Id, number>()

  const grow = () => {
    capacity *= 2
    const larger = [
      new Uint32Array(capacity * words),
      new Int8Array(capacity * numbers),
      new Float32Array(capacity)
    ] as const
    larger[0].set(signs)
    larger[1].set(codes)
    larger[2].set(scales)
    ;[signs, codes, scales] = larger
  }

  const signsOf = (vector: Float32Array, into: Uint32Array, at: number) => {
    into.fill(0, at, at + words)
    for (let i = 0; i < dimension; i++) if (vector[i]! > 0) into[at + (i >>> 5)]! |= 1 << (i & 31)
  }

  const put = (id: Id, vector: Float32Array): void => {
    let slot = slots.get(id)
    if (slot === undefined) {
      if (ids.length === capacity) grow()
      slot = ids.push(id) - 1
      slots.set(id, slot)
    }
    signsOf(vector, signs, slot * words)
    let length = 0
    let most = 0
    for (const value of vector) {
      length += value * value
      most = Math.max(most, Math.abs(value))
    }
    const step = most / 127
    for (let i = 0; i < numbers; i++) codes[slot * numbers + i] = Math.round(vector[i]! / step)
    // Of length 1, whatever it had: order by cosine.
    scales[slot] = step / Math.sqrt(length)
  }

  const remove = (id: Id): void => {
    const slot = slots.get(id)
    if (slot === undefined) return
    slots.delete(id)
    const last = ids.length - 1
    const moved = ids.pop()!
    if (slot === last) return
    ids[slot] = moved
    slots.set(moved, slot)
    signs.copyWithin(slot * words, last * words, (last + 1) * words)
    codes.copyWithin(slot * numbers, last * numbers, (last + 1) * numbers)
    scales[slot] = scales[last]!
  }

  /** How many signs differ, row by row, and how many rows have how many. */
  const distances = Effect.fnUntraced(function*(vector: Float32Array) {
    const wanted = new Uint32Array(words)
    signsOf(vector, wanted, 0)
    const size = ids.length
    const each = new Uint16Array(size)
    const counts = new Uint32Array(words * 32 + 1)
    for (let from = 0; from < size; from += slice) {
      if (from > 0) yield* pause
      const to = Math.min(size, from + slice)
      for (let row = from; row < to; row++) {
        let distance = 0
        for (let word = 0, at = row * words; word < words; word++, at++) {
          const other = (signs[at]! ^ wanted[word]!) >>> 0
          distance += bitsOf[other & 0xffff]! + bitsOf[other >>> 16]!
        }
        each[row] = distance
        counts[distance]!++
      }
    }
    return { each, counts }
  })

  const likeness = (slot: number, vector: Float32Array): number => {
    let sum = 0
    for (let i = 0, at = slot * numbers; i < numbers; i++, at++) sum += vector[i]! * codes[at]!
    return sum * scales[slot]!
  }

  /** Up to 512 names, probably the nearest, the nearest first. */
  const nearest = Effect.fnUntraced(function*(vector: Float32Array) {
    const { counts, each } = yield* distances(vector)
    let cut = 0
    for (let found = counts[0]!; found < coarse && cut < counts.length - 1;) found += counts[++cut]!
    const slotsNear: Array<number> = []
    for (let row = 0; row < each.length && slotsNear.length < 4 * coarse; row++) {
      if (each[row]! <= cut) slotsNear.push(row)
    }
    const closeness = (slot: number) => numbers === 0 ? -each[slot]! : likeness(slot, vector)
    return slotsNear.map((slot) => ({ id: ids[slot]!, near: closeness(slot) }))
      .sort((a, b) => b.near - a.near)
      .slice(0, coarse)
      .map(({ id }) => id)
  })

  return {
    put,
    remove,
    nearest,
    has: (id: Id) => slots.has(id),
    size: () => ids.length,
    /** Of memory, near enough: names and their places besides the numbers. */
    bytes: () => capacity * (words * 4 + numbers + 4) + ids.length * 160
  }
}

export type Sketches<Id extends string> = ReturnType<typeof makeSketches<Id>>
