import { GraphemeCursor, graphemeStarts, stretchEnd, tick } from "./graphemes.ts"

/**
 * Places between `start` and `end` of a text where it may be cut, in order. Lazy: a long text is read as the cuts are asked for. Where that
 * may take long, ticks come in between.
 */
export type Cuts = (text: string, start: number, end: number) => Generator<number>

const sentences = new Intl.Segmenter("en", { granularity: "sentence" })
const words = new Intl.Segmenter("en", { granularity: "word" })

/** Longest stretch that is segmented in one go; a sentence or word beyond it is left to the next finer cut. */
const stretch = 8_192

function* segmentStarts(segmenter: Intl.Segmenter, text: string, start: number, end: number): Generator<number> {
  for (let from = start; from < end;) {
    const to = stretchEnd(text, from, end, stretch)
    let last = from
    for (const { index } of segmenter.segment(text.slice(from, to))) {
      if (index === 0) continue
      last = from + index
      yield last
    }
    if (to === end) return
    yield tick
    from = last === from ? to : last
  }
}

function* whole(starts: Iterable<number>, text: string, start: number): Generator<number> {
  const cursor = new GraphemeCursor(text, start)
  for (const position of starts) if (position === tick || cursor.allows(position)) yield position
}

export const lineCuts: Cuts = function*(text, start, end) {
  for (let at = text.indexOf("\n", start) + 1; at > 0 && at < end; at = text.indexOf("\n", at) + 1) yield at
}

/** Between the cells of a table's row. */
export const cellCuts: Cuts = function*(text, start, end) {
  yield* whole(cellStarts(text, start, end), text, start)
}

const cellStarts: Cuts = function*(text, start, end) {
  for (let at = text.indexOf(" | ", start); at >= start && at + 3 < end; at = text.indexOf(" | ", at + 3)) yield at + 3
}

export const sentenceCuts: Cuts = (text, start, end) => whole(segmentStarts(sentences, text, start, end), text, start)

const isSpace = (unit: number): boolean =>
  unit === 0x20 || unit === 0x0a || unit === 0x09 || unit === 0xa0 || unit === 0x3000

/** Before each word or mark; space stays with what is before it. */
export const wordCuts: Cuts = function*(text, start, end) {
  for (const position of whole(segmentStarts(words, text, start, end), text, start)) {
    if (position === tick || !isSpace(text.charCodeAt(position))) yield position
  }
}

export const graphemeCuts: Cuts = graphemeStarts

export const codePointCuts: Cuts = function*(text, start, end) {
  for (let at = start; at < end;) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1
    if (at < end) yield at
  }
}

/** Of four places one, by what stands around them: the same text is grouped alike wherever it begins. */
const isChosen = (text: string, position: number): boolean =>
  (Math.imul(
    text.charCodeAt(position) + 31 * text.charCodeAt(position - 1) + 17 * text.charCodeAt(position - 2),
    0x9e3779b1
  ) >>>
    30) === 0

/** Fewer cuts: pieces of between `least` and about `most` units. */
const grouped = (cuts: Cuts, least: number, most: number): Cuts =>
  function*(text, start, end) {
    let from = start
    for (const position of cuts(text, start, end)) {
      if (position === tick) yield tick
      const length = position - from
      if (length >= most || (length >= least && isChosen(text, position))) {
        yield position
        from = position
      }
    }
  }

export const wordGroupCuts: Cuts = grouped(wordCuts, 24, 64)

export const graphemeGroupCuts: Cuts = grouped(graphemeCuts, 8, 32)

export const codePointGroupCuts: Cuts = grouped(codePointCuts, 8, 16)
