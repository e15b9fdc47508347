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

/** Starts of the graphemes of `text` between `start`, which must be one, and `end`; in order, without `start`. */
export function* graphemeStarts(text: string, start: number, end: number): Generator<number> {
  let length = stretch
  for (let from = start; from < end;) {
    const to = stretchEnd(text, from, end, length)
    let last = from
    for (const { index } of segmenter.segment(text.slice(from, to))) {
      if (index === 0) continue
      last = from + index
      yield last
    }
    if (to === end) return
    // The last one may go on beyond the stretch: it is looked at again, in a longer stretch if it is the only one.
    length = last === from ? length * 2 : stretch
    from = last
  }
}

/** Tells, for positions asked in increasing order, whether a text may be cut there without splitting a grapheme. */
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
    if (position === this.#known || position === this.#text.length || this.#isSure(position)) return true
    let sure = position - 1
    while (sure > this.#known && !this.#isSure(sure)) sure--
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

  #isSure(position: number): boolean {
    return isPlain(this.#text.charCodeAt(position - 1)) && isPlain(this.#text.charCodeAt(position))
  }

  #advance(): number {
    const { done, value } = this.#starts!.next()
    return done === true ? this.#text.length : value
  }
}
