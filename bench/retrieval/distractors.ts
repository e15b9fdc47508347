/** Numbers in [0, 1) that are the same for the same seed. (Mulberry32.) */
export const seeded = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Made texts that answer nothing but use the words of the given ones as often as those do (so by Zipf's law), and are as long.
 * The same seed gives the same texts.
 */
export function* distractors(texts: ReadonlyArray<string>, count: number, seed: number): Generator<string> {
  const random = seeded(seed)
  const lists = texts.map((text) => text.split(/\s+/).filter((word) => word !== ""))
  const words = lists.flat()
  const pick = <A>(list: ReadonlyArray<A>): A => list[Math.floor(random() * list.length)]!
  for (let i = 0; i < count; i++) {
    yield Array.from({ length: pick(lists).length }, () => pick(words)).join(" ")
  }
}
