import type { Span } from "./corpus.ts"

/** A text without its white space, and where each unit of it stands. */
const bareOf = (text: string) => {
  const places: Array<number> = []
  let bare = ""
  for (let i = 0; i < text.length; i++) {
    if (/\s/u.test(text[i]!)) continue
    places.push(i)
    bare += text[i]
  }
  return { bare, places }
}

/**
 * Finds segments in the text that they were cut from. Parsers and chunkers change white space and leave marks out, so blocks are looked for
 * one by one, without white space, each not before where the segment before it began.
 */
export const locator = (text: string) => {
  const { bare, places } = bareOf(text)
  let segmentStart = 0
  let lost = 0
  const find = (block: string, from: number): readonly [number, number] | null => {
    const at = bare.indexOf(block, from)
    if (at >= 0) return [at, at + block.length]
    // Marks within the block were left out: its beginning and its end will do.
    const head = bare.indexOf(block.slice(0, 24), from)
    const tail = head < 0 ? -1 : bare.indexOf(block.slice(-24), head)
    return tail < 0 ? null : [head, tail + Math.min(24, block.length)]
  }
  return {
    locate: (segment: string): ReadonlyArray<Span> => {
      const spans: Array<Span> = []
      let from = segmentStart
      for (const part of segment.split("\n\n")) {
        const block = bareOf(part).bare
        if (block === "") continue
        const found = find(block, from)
        if (found === null) {
          lost += block.length
          continue
        }
        if (spans.length === 0) segmentStart = found[0]
        from = found[1]
        spans.push({ start: places[found[0]]!, end: places[found[1] - 1]! + 1 })
      }
      return spans
    },
    /** Share of the text in segments that was not found again: what is wrong with the measurement. */
    lostShare: () => lost / bare.length
  }
}
