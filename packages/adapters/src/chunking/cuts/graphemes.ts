const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })

/** Longest stretch that is segmented in one go: a few milliseconds. */
const stretch = 4_096

/**
 * UTF-16 units that neither join what stands beside them nor are joined by it: between two of them a text may always be cut. From the
 * grapheme cluster break classes of Unicode (UAX 29); what is not listed here is asked of the segmenter.
 */
const isPlain = (unit: number): boolean =>
  unit < 0x300
    ? unit !== 0x0d && unit !== 0xa9 && unit !== 0xae
    : (unit >= 0x370 && unit <= 0x482) ||
      (unit >= 0x2010 && unit <= 0x2027) ||
      (unit >= 0x3001 && unit <= 0x3029) ||
      (unit >= 0x3041 && unit <= 0x3096) ||
      (unit >= 0x30a1 && unit <= 0x30fa) ||
      (unit >= 0x3400 && unit <= 0x4dbf) ||
      (unit >= 0x4e00 && unit <= 0x9fff) ||
      (unit >= 0xac00 && unit <= 0xd7a3) ||
      (unit >= 0xff01 && unit <= 0xff9d)

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** End of a stretch from `start` that does not part a surrogate pair. */
export const stretchEnd = (text: string, start: number, end: number, length = stretch): number => {
  const wanted = Math.min(end, start + length)
  return wanted < end && wanted > start + 1 && isHighSurrogate(text.charCodeAt(wanted - 1)) ? wanted - 1 : wanted
}

/** Yielded in place of a position after a stretch of work, so that whoever reads may let others run. */
export const tick = -1

/** Longest cluster that is kept together: a letter with thousands of accents is no text. */
const longest = 16 * stretch

/** Starts of the graphemes of `text` between `start`, which must be one, and `end`; in order, without `start`, with ticks. */
export function* graphemeStarts(text: string, start: number, end: number): Generator<number> {
  let length = stretch
  for (let from = start; from < end;) {
    const to = stretchEnd(text, from, end, length)
    let last = from
    for (; last + 1 < to && isSure(text, last + 1); last++) yield last + 1
    if (last === from) {
      for (const { index } of segmenter.segment(text.slice(from, to))) {
        if (index === 0) continue
        last = from + index
        yield last
      }
      if (to === end) return
    }
    yield tick
    // The last one may go on beyond the stretch: it is looked at again, in a longer stretch if it is the only one.
    if (last === from && length >= longest) yield last = to
    length = last === from ? length * 2 : stretch
    from = last
  }
}

const isSure = (text: string, position: number): boolean =>
  isPlain(text.charCodeAt(position - 1)) && isPlain(text.charCodeAt(position))

/** Tells, for positions asked in increasing order, whether a text may be cut there without splitting a grapheme. In doubt: no. */
export class GraphemeCursor {
  readonly #text: string
  #known: number
  #starts: Generator<number> | undefined
  #next = -1

  /** `start` must be the start of a grapheme. */
  constructor(text: string, start: number) {
    this.#text = text
    this.#known = start
  }

  allows(position: number): boolean {
    if (position === this.#known || position === this.#text.length || isSure(this.#text, position)) return true
    let sure = position - 1
    const furthest = Math.max(this.#known, position - longest)
    while (sure > furthest && !isSure(this.#text, sure)) sure--
    // Too far to look: no is always safe.
    if (sure === furthest && sure > this.#known) return false
    if (this.#starts === undefined || sure > this.#known) {
      this.#known = sure
      this.#starts = graphemeStarts(this.#text, sure, this.#text.length)
      this.#next = this.#advance()
    }
    while (this.#next < position) {
      this.#known = this.#next
      this.#next = this.#advance()
    }
    return this.#next === position
  }

  #advance(): number {
    while (true) {
      const { done, value } = this.#starts!.next()
      if (done === true) return this.#text.length
      if (value !== tick) return value
    }
  }
}
