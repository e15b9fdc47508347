import type { Line } from "../text/lines.ts"

/** Lines near the upper or the lower end of a page, by their place in fractions of its height. */
export interface EdgeLine {
  readonly text: string
  /** Its parts, where there is much room between them. */
  readonly parts: ReadonlyArray<string>
  readonly at: number
  readonly size: number
  /** In the outer eighth, where running headers and footers stand. */
  readonly inZone: boolean
  /** Nothing stands further out. */
  readonly outermost: boolean
  /** The last of many: footers follow the text where pages are not full. */
  readonly closing: boolean
}

const zone = 0.125

export const edgeLines = (lines: ReadonlyArray<Line>, height: number): ReadonlyArray<EdgeLine> =>
  lines.map((line, index) => ({
    text: line.text,
    parts: line.cells.map(({ text }) => text),
    at: line.v / height,
    size: line.size,
    inZone: line.v < zone * height || line.v > (1 - zone) * height,
    outermost: index === 0 || index === lines.length - 1,
    closing: index === lines.length - 1 && index > 5
  })).filter(({ closing, inZone }) => closing || inZone)

/** A page's edge, seen from a page that lies `offset` pages before it (negative: behind). */
export interface NeighbourEdge {
  readonly offset: number
  readonly lines: ReadonlyArray<EdgeLine>
}

/**
 * Whether a line repeats on the pages around: the same words at the same height, where a number may count the pages. Those are the two
 * pages before and the two behind, since left and right pages often differ. Big letters are a title, until the page before had them
 * too. A page number alone needs no company, and the outermost line may say something else (the section) in one part if it repeats in
 * another, or if the number at one of its ends counts the pages.
 */
export const isFurniture = (
  line: EdgeLine,
  neighbours: ReadonlyArray<NeighbourEdge>,
  bodySize: number
): boolean => {
  const big = line.size > 1.2 * bodySize
  if (line.inZone && stamped.test(line.text)) return true
  if (
    line.outermost && line.inZone && (pageNumber.test(line.text) && pageWord.test(line.text) || issue.test(line.text))
  ) {
    return true
  }
  if (line.outermost && line.inZone && !big) {
    if (pageNumber.test(line.text)) return true
    if (
      neighbours.some(({ lines, offset }) => lines.some((other) => counts(line, other, offset) || shares(line, other)))
    ) {
      return true
    }
  }
  const repeats = neighbours.filter(({ lines, offset }) => lines.some((other) => repeat(line, other, offset)))
  if (repeats.length === 0) return false
  if (
    big && !pageWord.test(line.text) && !repeats.some(({ lines, offset }) => offset < 0 && lines.some(isSame(line)))
  ) {
    return false
  }
  return repeats.length > 1 || line.outermost || neighbours.length < 3
}

const isSame = (line: EdgeLine) => (other: EdgeLine): boolean => line.text === other.text

/** In the same place, with the same words. */
const repeat = (line: EdgeLine, other: EdgeLine, offset: number): boolean => {
  if (Math.abs(line.size - other.size) > 0.1 * line.size) return false
  const near = line.inZone && other.inZone && Math.abs(line.at - other.at) < 0.012
  const floating = line.closing && other.closing && line.text !== other.text
  return (near || floating) && sameButCounting(line.text, other.text, offset)
}

const pageWord = /\bpage\b|\bseite\b|\bpágina\b|\bpagina\b|\bстр|ページ|页|頁/iu

/** What sites put on files that they hand out. */
export const stamped = /^downloaded (?:from|by|on)\s\S/i

/** Where journals name themselves on every page: it needs no company either. */
const issue = /\bvol(?:ume|\.)?\s?\d+\b.*\b(?:issue|number|no\.?)\s?\d+/i

/** Nothing but the number of a page. */
const pageNumber = /^[^\p{L}\p{N}]{0,3}(?:page\s+)?\d{1,4}(?:\s*(?:\/|of)\s*\d{1,4})?[^\p{L}\p{N}]{0,3}$/iu

const alike = (line: EdgeLine, other: EdgeLine): boolean =>
  other.outermost && Math.abs(line.at - other.at) < 0.004 && Math.abs(line.size - other.size) < 0.5

/** Of several parts, one is the same: the chapter stays, the section changes. */
const shares = (line: EdgeLine, other: EdgeLine): boolean =>
  line.parts.length > 1 && alike(line, other) &&
  line.parts.some((part) => /\p{L}{3}/u.test(part) && other.parts.includes(part))

/** At the same height, with page numbers at the same end. */
const counts = (line: EdgeLine, other: EdgeLine, offset: number): boolean => {
  if (!alike(line, other)) return false
  return [/^\d{1,5}(?=\s|$)/, /(?<=^|\s)\d{1,5}$/].some((end) => {
    const [number, counterpart] = [end.exec(line.text)?.[0], end.exec(other.text)?.[0]]
    return number !== undefined && counterpart !== undefined && Number(counterpart) - Number(number) === offset
  })
}

const token = /\d+|[^\d\s]+/g
const roman = /^[ivxlc]{1,7}$/i

/** Equal word by word, where a number may be greater by as much as the pages are apart. */
const sameButCounting = (text: string, other: string, offset: number): boolean => {
  if (text === other) return /\p{L}/u.test(text)
  const words = text.match(token) ?? []
  const others = other.match(token) ?? []
  return words.length === others.length && words.every((word, at) => {
    const counterpart = others[at]!
    if (word === counterpart) return true
    const [a, b] = [numberOf(word), numberOf(counterpart)]
    return a !== null && b !== null && b - a === offset
  })
}

const values: Readonly<Record<string, number>> = { i: 1, v: 5, x: 10, l: 50, c: 100 }

const numberOf = (word: string): number | null => {
  if (/^\d{1,6}$/.test(word)) return Number(word)
  if (!roman.test(word)) return null
  const digits = Array.from(word.toLowerCase(), (letter) => values[letter]!)
  return digits.reduce((sum, digit, at) => digit < (digits[at + 1] ?? 0) ? sum - digit : sum + digit, 0)
}
