import type { Line } from "../text/lines.ts"

export interface TableRun {
  /** Number of lines that belong to it. */
  readonly length: number
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** Bullets, letters and numbers of items, and numbers of sections. */
const marker = /^(?:[•‣◦▪–—*·-]|\(?\w{1,3}[.)]|[A-Z\d]{1,3}(?:\.\d{1,3})+\.?)$/

/**
 * A table that begins at `lines[start]`: three lines or more whose cells stand in the same columns. Lines of one cell between them are
 * the rest of a cell above, or a heading inside of the table. Null when there is none.
 */
export const tableAt = (lines: ReadonlyArray<Line>, start: number): TableRun | null => {
  if (!isRow(lines[start]!)) return null
  let end = start
  let gaps = 0
  for (let at = start + 1; at < lines.length; at++) {
    const line = lines[at]!
    if (line.table !== undefined) break
    if (line.v - lines[at - 1]!.v > 3.2 * line.size) break
    if (isRow(line)) {
      end = at
      gaps = 0
    } else if (line.mono || line.text.length > 60 || ++gaps > 2) break
  }
  const run = lines.slice(start, end + 1)
  const rows = run.filter(isRow)
  if (rows.length < 3) return null
  const columns = columnsOf(rows)
  if (columns.length < 2) return null
  const clean = rows.filter((row) =>
    new Set(row.cells.map((cell) => columnOf(columns, cell))).size === row.cells.length
  )
  if (clean.length < 0.6 * rows.length) return null
  return { length: run.length, rows: run.map((line) => toCells(line, columns)) }
}

const isRow = (line: Line): boolean =>
  line.cells.length > 1 && !line.mono && !line.leads &&
  !(line.cells.length === 2 && marker.test(line.cells[0]!.text) && /\p{L}{2}/u.test(line.cells[1]!.text))

interface Span {
  readonly u0: number
  readonly u1: number
}

/** The columns are what the rows of the most frequent width have in common: headings may span several. */
const columnsOf = (rows: ReadonlyArray<Line>): ReadonlyArray<Span> => {
  const counts = new Map<number, number>()
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1)
  const [usual] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]!
  const spans = rows.filter(({ cells }) => cells.length === usual).flatMap(({ cells }) => cells)
    .map(({ u0, u1 }): Span => ({ u0, u1 })).sort((a, b) => a.u0 - b.u0)
  const columns: Array<Span> = []
  for (const span of spans) {
    const before = columns.at(-1)
    if (before === undefined || span.u0 > before.u1) columns.push(span)
    else columns[columns.length - 1] = { u0: before.u0, u1: Math.max(before.u1, span.u1) }
  }
  return columns
}

/** The column that a cell shares most with, or else the nearest. */
const columnOf = (columns: ReadonlyArray<Span>, cell: Span): number => {
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (const [at, column] of columns.entries()) {
    const shared = Math.min(column.u1, cell.u1) - Math.max(column.u0, cell.u0)
    if (shared > most) {
      most = shared
      best = at
    }
  }
  return best
}

const toCells = (line: Line, columns: ReadonlyArray<Span>): ReadonlyArray<string> => {
  const cells = columns.map(() => "")
  for (const cell of line.cells) {
    const at = columnOf(columns, cell)
    cells[at] = cells[at] === "" ? cell.text : `${cells[at]} ${cell.text}`
  }
  return cells
}
