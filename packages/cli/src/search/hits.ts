import type { SearchHit } from "@sheaf/domain/search/Search"
import { printable, type Style } from "../terminal/style.ts"

/** `0.83 = words 0.61 + meaning 0.22` */
export const scoreWords = ({ lexical, lexicalOnly, total, vector }: SearchHit["score"]): string =>
  lexicalOnly === undefined || lexicalOnly === "mode"
    ? `${total.toFixed(2)} = words ${lexical.contribution.toFixed(2)} + meaning ${vector.contribution.toFixed(2)}`
    : `${total.toFixed(2)} = words alone (${
      lexicalOnly === "language" ? "the model does not speak its language" : "no vector yet"
    })`

/** `manual.pdf, p. 41`; `manual.pdf, p. iv (4)` where the fourth page is called `iv`. */
export const place = ({ citation, documentName }: SearchHit): string => {
  const { page, pageLabel } = citation
  if (page === null) return printable(documentName)
  return `${printable(documentName)}, p. ${pageLabel === undefined ? page : `${printable(pageLabel)} (${page})`}`
}

/** The part of a text around the words that matched, those in bold. */
export const excerpt = (hit: SearchHit, length: number, style: Style): string => {
  const { highlights, text } = hit
  const { end, start } = windowOf(text, highlights, length)
  const parts: Array<string> = []
  let at = start
  for (const range of highlights.filter((range) => range.start >= start && range.end <= end)) {
    parts.push(plain(text.slice(at, range.start)), style.bold(plain(text.slice(range.start, range.end))))
    at = range.end
  }
  parts.push(plain(text.slice(at, end)))
  return `${start > 0 ? "…" : ""}${parts.join("").trim()}${end < text.length ? "…" : ""}`
}

const plain = (text: string): string => printable(text).replace(/\s+/g, " ")

/** Of all windows that begin at a word that matched, the one with most different words of the query. */
const windowOf = (text: string, highlights: SearchHit["highlights"], length: number) => {
  if (text.length <= length) return { start: 0, end: text.length }
  const best = highlights.map(({ start }) => {
    const inside = highlights.filter((range) => range.start >= start && range.end <= start + length * 0.8)
    return { start, words: new Set(inside.map((range) => text.slice(range.start, range.end).toLowerCase())).size }
  }).reduce((best, next) => next.words > best.words ? next : best, { start: 0, words: 0 })
  const start = wordStart(text, Math.max(0, Math.min(best.start - Math.round(length * 0.2), text.length - length)))
  return { start, end: wordEnd(text, Math.min(text.length, start + length)) }
}

const wordStart = (text: string, at: number): number => {
  if (at === 0) return 0
  const space = text.indexOf(" ", at)
  return space < 0 || space - at > 20 ? at : space + 1
}

const wordEnd = (text: string, at: number): number => {
  if (at >= text.length) return text.length
  const space = text.lastIndexOf(" ", at)
  return space < 0 || at - space > 20 ? at : space
}
