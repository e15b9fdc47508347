import { parse } from "csv-parse/sync"

const candidates = [",", ";", "\t", "|"]

/** What csv-parse is told of every file: people's files are forgiven what can be forgiven. */
export const lenient = {
  record_delimiter: ["\r\n", "\n", "\r"],
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true
}

/** Rows looked at. */
const sampleRows = 100

/**
 * What separates the cells, by the beginning of a text: the candidate that gives most rows the same number of cells. `fallback` where
 * none does: such a table has one column.
 */
export const delimiterOf = (start: string, fallback: string): string => {
  let best = fallback
  let bestScore = 0
  for (const delimiter of candidates) {
    const { rows, sound } = rowsOf(start, delimiter)
    const score = scoreOf(rows) * (sound ? 1 : 0.5)
    if (score > bestScore) {
      best = delimiter
      bestScore = score
    }
  }
  return best
}

interface Sample {
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  /** False where quotes stand in the middle of cells: under the wrong delimiter they do. */
  readonly sound: boolean
}

const rowsOf = (start: string, delimiter: string): Sample => {
  const rows = (quote: string | null, strict: boolean) =>
    parse(start, { ...lenient, relax_quotes: !strict, delimiter, quote, to: sampleRows })
  try {
    return { rows: rows("\"", true), sound: true }
  } catch {
    // Of all that can be wrong with quotes, nothing may stop us here.
  }
  try {
    return { rows: rows("\"", false), sound: false }
  } catch {
    return { rows: rows(null, false), sound: false }
  }
}

/** The share of rows that have the most frequent width, if that is more than one cell; more cells win among equals. */
const scoreOf = (rows: ReadonlyArray<ReadonlyArray<string>>): number => {
  const widths = new Map<number, number>()
  for (const { length } of rows) widths.set(length, (widths.get(length) ?? 0) + 1)
  let score = 0
  for (const [width, count] of widths) {
    if (width > 1) score = Math.max(score, count / rows.length + Math.min(width, 100) / 10_000)
  }
  return score
}

const data = /^[\s$€£¥+(-]*\d[\d\s.,:/%Ee+)-]*$/

/**
 * Whether a first row names columns rather than being data: words, and no numbers or dates among them. Some programs give several columns
 * one name (`Unit`): that is believed where no name stands among the cells below it.
 */
export const isHeader = (row: ReadonlyArray<string>, below: ReadonlyArray<ReadonlyArray<string>> = []): boolean => {
  const named = row.filter((cell) => cell.trim() !== "")
  if (named.length === 0 || named.length * 2 < row.length) return false
  if (named.some((cell) => cell.length > 200)) return false
  // Years are how columns of statistics are called: they are names as long as something else is named too.
  const isYear = (cell: string) => /^\s*(?:1[89]|20)\d\d\s*$/.test(cell)
  const words = named.filter((cell) => !data.test(cell))
  const names = new Set(named)
  const standsApart = () => row.every((cell, at) => cell.trim() === "" || below.every((other) => other[at] !== cell))
  return words.length > 0 && named.every((cell) => !data.test(cell) || isYear(cell)) &&
    (names.size === named.length || (below.length > 1 && names.size * 2 > named.length && standsApart()))
}
