import { isRightToLeft } from "./runText.ts"
import type { Segment } from "./segments.ts"

/** What stands on one baseline of a region. */
export interface Line {
  /** In order of reading. More than one: cells, or words set far apart. */
  readonly cells: ReadonlyArray<Segment>
  readonly text: string
  readonly u0: number
  readonly u1: number
  readonly top: number
  readonly bottom: number
  readonly v: number
  readonly size: number
  readonly font: string
  readonly mono: boolean
  /** Dots lead to its end: an entry of a table of contents. */
  readonly leads: boolean
  /** The rows of a table that it stands for. */
  readonly table?: ReadonlyArray<ReadonlyArray<string>>
}

const leaders = /(?:\s*[.·…]){4,}\s*/g
/** What most lines have not: with it, a line is looked through for leaders. */
const dots = /[.·…]\s*[.·…]/

/** Segments as lines from top to bottom; those without letters or numbers are decoration, unless `all` are wanted. */
export const toLines = (
  segments: ReadonlyArray<Segment>,
  { all = false }: { readonly all?: boolean } = {}
): ReadonlyArray<Line> => {
  const rows: Array<Array<Segment>> = []
  for (const segment of segments.toSorted((a, b) => a.v - b.v)) {
    const row = rows.at(-1)
    const first = row?.[0]
    const same = first !== undefined && segment.table === undefined && first.table === undefined &&
      segment.v - first.v <= 0.35 * Math.max(segment.size, first.size) &&
      row!.every((other) => segment.u0 >= other.u1 - 0.3 * other.size || segment.u1 <= other.u0 + 0.3 * other.size)
    if (same) row!.push(segment)
    else rows.push([segment])
  }
  return rows.map(toLine).filter(({ text }) => all || /[^\s.·…_-]/.test(text))
}

const toLine = (row: ReadonlyArray<Segment>): Line => {
  const [only] = row
  if (only !== undefined && row.length === 1 && !dots.test(only.text)) return lineOf(only, row)
  const sorted = row.toSorted((a, b) => a.u0 - b.u0)
  const cells = row.length > 1 && isRightToLeft(row.map(({ text }) => text).join("")) ? sorted.toReversed() : sorted
  const main = cells.reduce((best, cell) => cell.text.length > best.text.length ? cell : best)
  const written = cells.map(({ text }) => text).join(" ")
  const text = written.replace(leaders, " … ")
  return {
    cells,
    text,
    leads: text !== written && !main.mono,
    u0: sorted[0]!.u0,
    u1: Math.max(...row.map((cell) => cell.u1)),
    top: Math.min(...row.map((cell) => cell.top)),
    bottom: Math.max(...row.map((cell) => cell.bottom)),
    v: main.v,
    size: main.size,
    font: main.font,
    mono: cells.every((cell) => cell.mono),
    ...(main.table !== undefined && { table: main.table })
  }
}

/** The line of one segment, as most are. */
const lineOf = ({ bottom, font, mono, size, table, text, top, u0, u1, v }: Segment, cells: Line["cells"]): Line => ({
  cells,
  text,
  leads: false,
  u0,
  u1,
  top,
  bottom,
  v,
  size,
  font,
  mono,
  ...(table !== undefined && { table })
})
