import type { Line } from "../text/lines.ts"
import { joinLines } from "../text/runText.ts"

export interface TableRun {
  /** Number of lines that belong to it. */
  readonly length: number
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** Bullets, letters and numbers of items, and numbers of sections. */
const marker = /^(?:[•‣◦▪–—*·-]|\(?\w{1,3}[.)]|[A-Z\d]{1,3}(?:\.\d{1,3})+\.?)$/

/** The lines of a cell stand no farther below each other, in sizes of the font; rows do, by so much. */
const linePitch = 1.4
const rowPitch = 1.25
/** Lines of a cell. */
const maxCellLines = 12

/**
 * A table that begins at `lines[start]`: three lines or more whose cells stand in the same columns. Lines between them with fewer cells
 * are the rest of the row above, where lines stand nearer to each other than rows do; else they are headings inside of the table. Null
 * when there is none.
 */
export const tableAt = (lines: ReadonlyArray<Line>, start: number): TableRun | null => {
  if (!isRow(lines[start]!)) return null
  let end = start
  let gaps = 0
  for (let at = start + 1; at < lines.length; at++) {
    const line = lines[at]!
    const pitch = line.v - lines[at - 1]!.v
    if (line.table !== undefined || pitch > 3.2 * line.size) break
    if (isRow(line)) {
      end = at
      gaps = 0
      continue
    }
    gaps++
    if (line.mono || line.text.length > 60 || gaps > (pitch > linePitch * line.size ? 2 : maxCellLines)) break
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
  const groups = groupsOf(run)
  if (groups === null) return { length: run.length, rows: run.map((line) => toCells(line, columns)) }
  const rest = restOf(groups, columns, lines.slice(end + 1, end + 1 + maxCellLines))
  groups.at(-1)!.push(...rest)
  return {
    length: run.length + rest.length,
    rows: groups.map((group) => group.map((line) => toCells(line, columns)).reduce(below))
  }
}

/** Lines by rows, where white parts them, and each row begins with its fullest line; null where every line is a row. */
const groupsOf = (run: ReadonlyArray<Line>): Array<Array<Line>> | null => {
  const pitches = run.slice(1).map((line, at) => line.v - run[at]!.v)
  const least = Math.min(...pitches)
  const groups: Array<Array<Line>> = []
  for (const [at, line] of run.entries()) {
    const pitch = at === 0 ? Infinity : pitches[at - 1]!
    if (pitch > linePitch * line.size || pitch >= rowPitch * least) groups.push([line])
    else groups.at(-1)!.push(line)
  }
  const fits = groups.every(([first, ...others]) => others.every(({ cells }) => cells.length < first!.cells.length))
  return fits && groups.length >= 3 && groups.length < run.length ? groups : null
}

/** The rest of the last row: what follows in one of the columns, as closely as the lines of a cell do. */
const restOf = (
  groups: ReadonlyArray<ReadonlyArray<Line>>,
  columns: ReadonlyArray<Span>,
  following: ReadonlyArray<Line>
): ReadonlyArray<Line> => {
  const pitch = Math.min(...groups.slice(1).map(([first], at) => first!.v - groups[at]!.at(-1)!.v))
  const all = [...groups.at(-1)!.slice(-1), ...following]
  const end = following.findIndex((line, at) => {
    const crossed = columns.filter(({ u0, u1 }) => u0 < line.u1 && u1 > line.u0).length
    return crossed !== 1 || line.cells.length > 1 || line.table !== undefined ||
      rowPitch * (line.v - all[at]!.v) > pitch
  })
  return end === -1 ? following : following.slice(0, end)
}

const below = (above: ReadonlyArray<string>, rest: ReadonlyArray<string>): ReadonlyArray<string> =>
  above.map((text, column) => joinLines(text, rest[column]!))

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
